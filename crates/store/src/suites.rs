//! The algorithms that seal and index: the international ones, or the national ones for offices that must use them.

use std::fmt;

use aes_gcm::AesGcm;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::array::ArraySize;
use chacha20poly1305::aead::consts::U12;
use chacha20poly1305::aead::{Aead, AeadCore, Generate, KeyInit, Nonce, Payload};
use hmac::{Hmac, Mac};
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;
use sm3::Sm3;
use sm4::Sm4;

use crate::sealing::SealError;

/// The length of a key of either suite, in bytes; SM4 takes the first half of what is derived from it.
pub const KEY_LENGTH: usize = 32;
const SM4_KEY_LENGTH: usize = 16;

type Sm4Gcm = AesGcm<Sm4, U12>;

/// A choice of algorithms, which a key has for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// XChaCha20-Poly1305 and HMAC-SHA-256.
    International,
    /// SM4 (GB/T 32907) in GCM with nonces of 96 random bits, so for at most 2^32 values a key, and HMAC with SM3 (GB/T 32905).
    National,
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::International => "XChaCha20-Poly1305",
            Self::National => "SM4-GCM",
        })
    }
}

impl Suite {
    /// The byte that stands for it where a key is stored.
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::International => 1,
            Self::National => 2,
        }
    }

    pub(crate) const fn of_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::International),
            2 => Some(Self::National),
            _ => None,
        }
    }

    /// A keyed hash over the parts, one behind the other.
    pub(crate) fn mac<'parts>(
        self,
        key: &[u8; KEY_LENGTH],
        parts: impl IntoIterator<Item = &'parts [u8]>,
    ) -> [u8; KEY_LENGTH] {
        // 32 bytes padded with zeros are the HMAC key block that RFC 2104 makes of a short key.
        let mut block = Zeroizing::new([0; 64]);
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        match self {
            Self::International => {
                let mut mac = Hmac::<Sha256>::new((&*block).into());
                parts.into_iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes().into()
            }
            Self::National => {
                let mut mac = Hmac::<Sm3>::new((&*block).into());
                parts.into_iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes().into()
            }
        }
    }
}

/// One key, under which a value is a random nonce and its ciphertext.
pub(crate) enum Lock {
    International(Box<XChaCha20Poly1305>),
    National(Box<Sm4Gcm>),
}

impl Lock {
    pub(crate) fn new(suite: Suite, key: &[u8; KEY_LENGTH]) -> Self {
        match suite {
            Suite::International => Self::International(Box::new(XChaCha20Poly1305::new(key.into()))),
            Suite::National => {
                let mut half = Zeroizing::new([0; SM4_KEY_LENGTH]);
                half.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
                Self::National(Box::new(Sm4Gcm::new((&*half).into())))
            }
        }
    }

    /// Seals the value for that place, behind what stands before it.
    pub(crate) fn seal_behind(&self, before: &[u8], place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        match self {
            Self::International(cipher) => seal(&**cipher, before, place, plain),
            Self::National(cipher) => seal(&**cipher, before, place, plain),
        }
    }

    /// Seals the value for that place.
    pub(crate) fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_behind(&[], place, plain)
    }

    /// Opens a value that was sealed for that place.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let opened = match self {
            Self::International(cipher) => open(&**cipher, place, sealed),
            Self::National(cipher) => open(&**cipher, place, sealed),
        };
        opened.ok_or_else(|| SealError::DoesNotOpen { place: place.to_owned() })
    }
}

fn seal<Cipher: Aead + AeadCore<NonceSize: ArraySize>>(
    cipher: &Cipher,
    before: &[u8],
    place: &str,
    plain: &[u8],
) -> Result<Vec<u8>, SealError> {
    let nonce = Nonce::<Cipher>::try_generate().map_err(|_no_randomness| SealError::CannotSeal)?;
    let payload = Payload { msg: plain, aad: place.as_bytes() };
    let ciphertext = cipher.encrypt(&nonce, payload).map_err(|_too_long| SealError::CannotSeal)?;
    Ok([before, nonce.as_slice(), &ciphertext].concat())
}

fn open<Cipher: Aead + AeadCore<NonceSize: ArraySize>>(
    cipher: &Cipher,
    place: &str,
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let mut nonce = Nonce::<Cipher>::default();
    let (stored, ciphertext) = sealed.split_at_checked(nonce.len())?;
    nonce.copy_from_slice(stored);
    cipher.decrypt(&nonce, Payload { msg: ciphertext, aad: place.as_bytes() }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn bytes(digits: &str) -> Vec<u8> {
        let pairs = digits.as_bytes().as_chunks::<2>().0;
        pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    #[test]
    fn sm4_in_gcm_is_what_rfc_8998_says() {
        // RFC 8998, appendix A.1.
        let key: [u8; 16] = bytes("0123456789abcdeffedcba9876543210").try_into().unwrap();
        let nonce: [u8; 12] = bytes("00001234567800000000abcd").try_into().unwrap();
        let plain = bytes(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd\
             eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        );
        let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let sealed =
            Sm4Gcm::new(&key.into()).encrypt(&nonce.into(), Payload { msg: &plain, aad: &aad }).unwrap();
        assert_eq!(
            hex(&sealed),
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
             d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d\
             83de3541e4c2b58177e065a9bf7b62ec"
        );
    }

    #[test]
    fn each_suite_has_hashes_of_its_own() {
        let key = [7; KEY_LENGTH];
        let mac = |suite: Suite| suite.mac(&key, [&b"a"[..], b"bc"]);
        assert_eq!(mac(Suite::National), Suite::National.mac(&key, [&b"abc"[..]]));
        assert_ne!(mac(Suite::National), mac(Suite::International));
        // GB/T 32905, example 1: the hash alone, which HMAC is made of.
        let digest = <Sm3 as sm3::Digest>::digest(b"abc");
        assert_eq!(hex(&digest), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }

    #[test]
    fn a_lock_opens_what_it_has_sealed_and_no_other_does() {
        for suite in [Suite::International, Suite::National] {
            let (lock, other) = (Lock::new(suite, &[1; 32]), Lock::new(suite, &[2; 32]));
            let sealed = lock.seal("here", "欧阳".as_bytes()).unwrap();
            assert_eq!(lock.open("here", &sealed).unwrap(), "欧阳".as_bytes());
            assert!(lock.open("there", &sealed).is_err() && other.open("here", &sealed).is_err());
            for length in 0..sealed.len() {
                assert!(lock.open("here", &sealed[..length]).is_err());
            }
            for place in 0..sealed.len() {
                let mut forged = sealed.clone();
                forged[place] ^= 1;
                assert!(lock.open("here", &forged).is_err());
            }
        }
    }
}
