//! The Merkle tree of RFC 9162 (section 2.1) over digests: one root for all, and for each a short proof that it is among
//! them.

use crate::digest::Digest;

/// The root over the digests, in their order; that of none is the digest of nothing.
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(&[]),
        [leaf] => leaf_of(leaf),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The digests beside the way from the leaf to the root, from the bottom up; none if there is no such leaf.
pub fn path(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    let (mut way, beside) = match index.checked_sub(at) {
        None => (path(left, index)?, root(right)),
        Some(index) => (path(right, index)?, root(left)),
    };
    way.push(beside);
    Some(way)
}

/// The largest power of two that is smaller than the count, which is at least two.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// The first bytes keep a leaf from being taken for a node.
fn leaf_of(digest: &Digest) -> Digest {
    Digest::of(&[&[0], &digest.0])
}

fn node(left: &Digest, right: &Digest) -> Digest {
    Digest::of(&[&[1], &left.0, &right.0])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The algorithm of RFC 9162, section 2.1.3.2, which shares nothing with the making.
    fn root_of_path(leaf: &Digest, mut index: usize, count: usize, path: &[Digest]) -> Option<Digest> {
        let mut last = count.checked_sub(1).filter(|last| index <= *last)?;
        let mut so_far = leaf_of(leaf);
        for beside in path {
            if last == 0 {
                return None;
            }
            if index % 2 == 1 || index == last {
                so_far = node(beside, &so_far);
                while index.is_multiple_of(2) && index != 0 {
                    (index, last) = (index / 2, last / 2);
                }
            } else {
                so_far = node(&so_far, beside);
            }
            (index, last) = (index / 2, last / 2);
        }
        (last == 0).then_some(so_far)
    }

    fn digests(count: usize) -> Vec<Digest> {
        (0..count).map(|number| Digest::of(&[&number.to_be_bytes()])).collect()
    }

    #[test]
    fn small_trees_are_as_the_standard_draws_them() {
        let leaves = digests(5);
        let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|place: usize| leaf_of(&leaves[place]));
        assert_eq!(root(&[]).to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(root(&leaves[..1]), a);
        assert_eq!(root(&leaves[..3]), node(&node(&a, &b), &c));
        assert_eq!(root(&leaves), node(&node(&node(&a, &b), &node(&c, &d)), &e));
        assert_eq!(path(&leaves, 2), Some(vec![d, node(&a, &b), e]));
        assert_eq!(path(&leaves, 4), Some(vec![node(&node(&a, &b), &node(&c, &d))]));
        assert_eq!(path(&leaves, 5), None);
    }

    proptest! {
        #[test]
        fn a_path_leads_to_the_root_from_its_own_leaf_and_place_alone(count in 1_usize..70, at in 0_usize..70) {
            let (leaves, at) = (digests(count), at % count);
            let path = path(&leaves, at).unwrap();
            let root = root(&leaves);
            prop_assert_eq!(root_of_path(&leaves[at], at, count, &path), Some(root));
            let other = (at + 1) % count;
            if other != at {
                prop_assert_ne!(root_of_path(&leaves[other], at, count, &path), Some(root));
                prop_assert_ne!(root_of_path(&leaves[at], other, count, &path), Some(root));
            }
        }
    }
}
