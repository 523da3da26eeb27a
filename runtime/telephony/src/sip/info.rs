//! Digits carried by SIP INFO: `application/dtmf-relay` and `application/dtmf`.

/// Whether a character is one of the sixteen digits.
pub(super) fn is_digit(digit: char) -> bool {
    matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D' | 'a'..='d')
}

/// The digit in a body, if there is one.
///
/// `application/dtmf-relay` has lines `Signal=5` and `Duration=160`; `application/dtmf` is the
/// digit alone, though some phones write it like the other. 10 and 11 are star and hash.
pub(super) fn read(body: &[u8]) -> Option<char> {
    let text = String::from_utf8_lossy(body);
    let signal = text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case("signal").then(|| value.trim().to_owned())
    });
    let signal = signal.unwrap_or_else(|| text.trim().to_owned());
    match signal.as_str() {
        "10" => return Some('*'),
        "11" => return Some('#'),
        _ => (),
    }
    let mut digits = signal.chars();
    let digit = digits.next()?.to_ascii_uppercase();
    (digits.next().is_none() && is_digit(digit)).then_some(digit)
}

/// The body that carries a digit.
pub(super) fn write(digit: char) -> String {
    format!("Signal={}\r\nDuration=160\r\n", digit.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_kinds_and_refuses_the_rest() {
        assert_eq!(read(b"Signal=5\r\nDuration=160\r\n"), Some('5'));
        assert_eq!(read(b"signal = *\r\n"), Some('*'));
        assert_eq!(read(b"7"), Some('7'));
        assert_eq!(read(b"11"), Some('#'));
        assert_eq!(read(b"Signal=d"), Some('D'));
        assert_eq!(read(b"Signal=55"), None);
        assert_eq!(read(b""), None);
        assert_eq!(read(b"\xff\xfe"), None);
        assert_eq!(read(write('9').as_bytes()), Some('9'));
    }
}
