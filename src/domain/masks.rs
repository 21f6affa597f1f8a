//! Numbers and addresses with all but a little hidden: enough for their owner to know them by.

/// A phone number with all but its last four digits hidden.
pub fn mask_phone(number: &str) -> String {
    format!("XXX-XXX-{}", last_four(number))
}

/// The masked number for a screen reader, digit by digit.
pub fn speak_phone(number: &str) -> String {
    let digits = last_four(number).chars().map(String::from).collect::<Vec<_>>().join(" ");
    format!("Phone number ending in {digits}")
}

fn last_four(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}

/// An e-mail address of which the first letter and the host remain. The number of dots says nothing
/// about the length.
pub fn mask_email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, host)) => {
            let first: String = local.chars().take(1).collect();
            format!("{first}•••@{host}")
        }
        None => "•••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 14.2.6.
    #[test]
    fn a_phone_number_keeps_four_digits() {
        assert_eq!(mask_phone("+16015559885"), "XXX-XXX-9885");
        assert_eq!(speak_phone("+1 601 555 9885"), "Phone number ending in 9 8 8 5");
        assert_eq!(mask_phone("12"), "XXX-XXX-12");
    }

    /// ASVS 14.2.6.
    #[test]
    fn an_address_keeps_its_first_letter_and_host() {
        assert_eq!(mask_email("daniyel@harbor.example"), "d•••@harbor.example");
        assert_eq!(mask_email("é@x.example"), "é•••@x.example");
        assert_eq!(mask_email("nonsense"), "•••");
    }
}
