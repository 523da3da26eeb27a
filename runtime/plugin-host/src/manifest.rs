//! The manifest within a component: a custom section with the text of `plugin.toml`, so that what a
//! plugin may be configured with travels wherever its bytes do.

/// The section's name.
const SECTION: &str = "jackfield:manifest";
/// Before the first section.
const HEADER_BYTES: usize = 8;

/// Returns the text of the component's manifest, if it carries one. Nothing of it was checked.
pub fn manifest_of(component: &[u8]) -> Option<String> {
    let mut rest = component.get(HEADER_BYTES..)?;
    while let [id, tail @ ..] = rest {
        let (size, tail) = number(tail)?;
        let (section, tail) = tail.split_at_checked(size)?;
        if *id == 0 {
            let (length, section) = number(section)?;
            let (name, text) = section.split_at_checked(length)?;
            if name == SECTION.as_bytes() {
                return String::from_utf8(text.to_vec()).ok();
            }
        }
        rest = tail;
    }
    None
}

/// Puts a manifest into a component that has none.
pub fn with_manifest(mut component: Vec<u8>, text: &str) -> Vec<u8> {
    let mut section = Vec::new();
    put_number(&mut section, SECTION.len());
    section.extend_from_slice(SECTION.as_bytes());
    section.extend_from_slice(text.as_bytes());
    component.push(0);
    put_number(&mut component, section.len());
    component.extend_from_slice(&section);
    component
}

/// Unsigned LEB128, as in the format of WebAssembly.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (place, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(place + 1..)?));
        }
    }
    None
}

fn put_number(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_found_again() {
        let empty = b"\0asm\x0d\0\x01\0".to_vec();
        assert_eq!(manifest_of(&empty), None);
        let text = "name = \"x\"\n".repeat(40);
        let with = with_manifest(empty, &text);
        assert_eq!(manifest_of(&with), Some(text));
        // Cut short anywhere it has none, and nothing breaks.
        for end in 0..with.len() {
            assert_eq!(manifest_of(&with[..end]), None, "{end} bytes");
        }
    }
}
