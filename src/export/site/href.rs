//! The name of a file as an address in a page.

/// Returns a file's name as an address: each byte that is no letter, digit, `-`, `.`, `_` or `~` of
/// ASCII as its two hexadecimal digits behind `%` (RFC 3986, section 2.1).
pub(super) fn escaped(name: &str) -> String {
    let mut address = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                address.push(char::from(byte));
            }
            other => address += &format!("%{other:02X}"),
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_an_address_is_escaped() {
        assert_eq!(escaped("the-question_1.2~"), "the-question_1.2~");
        assert_eq!(escaped("a b#c?d%/e:"), "a%20b%23c%3Fd%25%2Fe%3A");
        assert_eq!(escaped("µ"), "%C2%B5");
    }
}
