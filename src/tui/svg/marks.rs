//! The signs of the terms.

/// What stands in a circle: a number or a letter.
pub(super) fn circled(sign: char) -> Option<String> {
    let after = |first: char| u32::from(sign) - u32::from(first);
    let letter =
        |first: char, a: char| char::from_u32(u32::from(a) + after(first)).map(String::from);
    match sign {
        '①'..='⑳' => Some((after('①') + 1).to_string()),
        'ⓐ'..='ⓩ' => letter('ⓐ', 'a'),
        'Ⓐ'..='Ⓩ' => letter('Ⓐ', 'A'),
        _ => None,
    }
}
