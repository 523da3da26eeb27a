//! Phone numbers in E.164: `+` and up to 15 digits.

/// Why a phone number was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// There is no digit in it.
    #[error("a phone number is empty")]
    Empty,
    /// It has a character that phone numbers do not have.
    #[error("`{number}` is not a phone number: `{character}` does not belong")]
    BadCharacter {
        /// As given.
        number: String,
        /// The first character that does not belong.
        character: char,
    },
    /// It is a national number and there is no default country to complete it with.
    #[error("`{number}` has no country code: begin with `+`, or set a default country code")]
    NoCountry {
        /// As given.
        number: String,
    },
    /// E.164 has no such number.
    #[error("`{number}` has {digits} digits with its country code, 7 to 15 are accepted")]
    BadLength {
        /// As given.
        number: String,
        /// How many digits it has.
        digits: usize,
    },
    /// No country code begins with zero.
    #[error("`{number}` has a country code that begins with 0")]
    BadCountry {
        /// As given.
        number: String,
    },
}

/// Writes a phone number in E.164.
///
/// Accepts `+371 2000-0000`, `0037120000000`, `tel:+37120000000`, `+49 (0)30 123456`, and national
/// numbers if `default_country_code` is given, with or without its `+`: they lose one leading
/// zero, the trunk prefix of most countries, unless the country is Italy (39), where it belongs to
/// the number.
///
/// # Errors
///
/// [`PhoneError`], which says what is wrong with it.
///
/// # Examples
///
/// ```
/// use jackfield_store::normalize_phone;
///
/// assert_eq!(normalize_phone("00371 20-000 000", None).unwrap(), "+37120000000");
/// assert_eq!(normalize_phone("20000000", Some("371")).unwrap(), "+37120000000");
/// ```
pub fn normalize_phone(
    number: &str,
    default_country_code: Option<&str>,
) -> Result<String, PhoneError> {
    let given = || number.to_owned();
    let text = number.trim().trim_start_matches("tel:");
    let plus = text.starts_with('+');
    // A trunk prefix in brackets is dialled only inside the country.
    let text = text.replace("(0)", "");
    let mut digits = String::with_capacity(text.len());
    for (place, character) in text.chars().enumerate() {
        match character {
            '0'..='9' => digits.push(character),
            '+' if place == 0 => (),
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{2010}'..='\u{2013}' => (),
            _ => return Err(PhoneError::BadCharacter { number: given(), character }),
        }
    }
    if digits.is_empty() {
        return Err(PhoneError::Empty);
    }
    if !plus {
        digits = if let Some(international) = digits.strip_prefix("00") {
            international.to_owned()
        } else {
            let country = default_country_code.map(|code| code.trim().trim_start_matches('+'));
            let Some(country) = country.filter(|code| !code.is_empty()) else {
                return Err(PhoneError::NoCountry { number: given() });
            };
            let national = match country {
                "39" => digits.as_str(),
                _ => digits.strip_prefix('0').unwrap_or(&digits),
            };
            format!("{country}{national}")
        };
    }
    if digits.starts_with('0') {
        return Err(PhoneError::BadCountry { number: given() });
    }
    if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PhoneError::BadLength { number: given(), digits: digits.len() });
    }
    Ok(format!("+{digits}"))
}
