//! Addresses that a message can be sent to, made of what reporters wrote.

/// An Indonesian number's country, which is left out at home.
const HOME: &str = "62";

/// The number as E.164 (ITU-T E.164: `+`, country, at most 15 digits), if an SMS can reach it as far as its form tells.
///
/// A number without country is Indonesian; of those only mobile ones (8…) take SMS. SNS is the judge of all others.
pub(crate) fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = if text.trim_start().starts_with('+') {
        digits
    } else if let Some(international) = digits.strip_prefix("00") {
        international.to_owned()
    } else if let Some(national) = digits.strip_prefix('0') {
        format!("{HOME}{national}")
    } else if digits.starts_with('8') {
        format!("{HOME}{digits}")
    } else if digits.starts_with(HOME) {
        digits
    } else {
        return None;
    };
    // `+62 0812…` is often written.
    let number = match number.strip_prefix(HOME).map(|national| national.trim_start_matches('0')) {
        Some(national) => {
            if !(national.starts_with('8') && (9..=12).contains(&national.len())) {
                return None;
            }
            format!("{HOME}{national}")
        }
        None => number,
    };
    ((8..=15).contains(&number.len()) && !number.starts_with('0')).then(|| format!("+{number}"))
}

/// The e-mail address, if it is one and no more: a header field could name several, or give one a name.
pub(crate) fn email(text: &str) -> Option<&str> {
    let (local, host) = text.rsplit_once('@')?;
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b",;:<>()[]\\\"".contains(&byte));
    (plain && !local.is_empty() && !local.contains('@') && host.contains('.') && text.len() <= 254)
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("0812-3456-7890", Some("+6281234567890"))]
    #[case("(0812) 3456 789", Some("+628123456789"))]
    #[case("812 3456 7890", Some("+6281234567890"))]
    #[case("62812 3456 7890", Some("+6281234567890"))]
    #[case("+62 812.3456.7890", Some("+6281234567890"))]
    #[case("+62 (0)812 3456 7890", Some("+6281234567890"))]
    #[case("0062 812 3456 7890", Some("+6281234567890"))]
    #[case("+65 9123 4567", Some("+6591234567"))]
    #[case("+1 202 555 0143", Some("+12025550143"))]
    // A landline, an office, a short number, a hotline.
    #[case("021-3456789", None)]
    #[case("+62 21 3456789", None)]
    #[case("110", None)]
    #[case("1500123", None)]
    // Too short and too long to be dialled.
    #[case("0812 345", None)]
    #[case("0812 3456 7890 123", None)]
    #[case("+9 123456", None)]
    #[case("+1234567890123456", None)]
    #[case("+0812 3456 7890", None)]
    #[case("", None)]
    fn a_number_is_read_as_indonesians_write_it(#[case] written: &str, #[case] dialled: Option<&str>) {
        assert_eq!(phone(written).as_deref(), dialled);
    }

    #[rstest]
    #[case("siti@contoh.id", true)]
    #[case("siti+lapor@mail.contoh.id", true)]
    #[case("siti@contoh.id,budi@contoh.id", false)]
    #[case("<siti@contoh.id>", false)]
    #[case("\"Siti\"@contoh.id", false)]
    #[case("siti@budi@contoh.id", false)]
    #[case("siti@contoh", false)]
    #[case("sïti@contoh.id", false)]
    #[case("siti@contoh.id\r\nbcc:budi@contoh.id", false)]
    fn an_address_is_one_address(#[case] written: &str, #[case] fits: bool) {
        assert_eq!(email(written).is_some(), fits);
    }
}
