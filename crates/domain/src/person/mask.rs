//! What of a particular may be shown where the whole is not needed.

/// Keeps the ends of a text; never more than half of it, so that a short number is not given away.
fn ends(text: &str, head: usize, tail: usize, stars: &str) -> String {
    let length = text.chars().count();
    let head = head.min(length / 4);
    let tail = tail.min(length / 2 - head);
    let shown_head: String = text.chars().take(head).collect();
    let shown_tail: String = text.chars().skip(length - tail).collect();
    format!("{shown_head}{stars}{shown_tail}")
}

/// The first character of a name and one star, whatever its length: 张三 and 张三丰 are both 张*.
pub fn mask_name(name: &str) -> String {
    name.trim().chars().take(1).chain(['*']).collect()
}

/// The first four and the last four characters of a document's number around eight stars.
pub fn mask_identity(number: &str) -> String {
    ends(number.trim(), 4, 4, "********")
}

/// The first three and the last four digits of a phone number around four stars.
pub fn mask_phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    if digits.chars().count() < 10 {
        return ends(&digits, 0, 4, "****");
    }
    // The leading three are the carrier's or the area's, not the subscriber's own.
    let carrier: String = digits.chars().take(3).collect();
    let rest: String = digits.chars().skip(3).collect();
    format!("{carrier}{}", ends(&rest, 0, 4, "****"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ends_are_shown() {
        assert_eq!(mask_name("张三"), "张*");
        assert_eq!(mask_name("欧阳修"), "欧*");
        assert_eq!(mask_name(""), "*");
        assert_eq!(mask_identity("210212199001011234"), "2102********1234");
        assert_eq!(mask_identity("E1234567"), "E1********67");
        assert_eq!(mask_identity("军字第1号"), "军********号");
        assert_eq!(mask_identity(""), "********");
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("01065551234"), "010****1234");
        assert_eq!(mask_phone("+8521234567"), "+85****4567");
        assert_eq!(mask_phone("+1234567"), "****4567");
    }
}
