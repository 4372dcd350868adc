//! Gradients as shades: a sign, and the darker the larger, so that nothing is told by colour alone.

/// The width of a shade with its sign.
pub(super) const WIDTH: usize = 3;

/// Returns the shade of a gradient where the largest in view has that magnitude.
pub(super) fn shade(gradient: f64, largest: f64) -> String {
    let sign = match gradient {
        _ if gradient.is_nan() => return "nan".to_owned(),
        0.0 => return "  0".to_owned(),
        _ if gradient < 0.0 => '−',
        _ => '+',
    };
    let share = gradient.abs() / largest;
    let shade = match share {
        _ if share > 0.75 => "██",
        _ if share > 0.5 => "▓▓",
        _ if share > 0.25 => "▒▒",
        _ => "░░",
    };
    format!("{sign}{shade}")
}

/// How large a number is beside the largest in view, from −1 to 1.
pub(super) fn share(number: f64, largest: f64) -> f64 {
    if largest > 0.0 && number.is_finite() {
        number / largest
    } else {
        0.0
    }
}

/// Returns the shade of a picture without colours: a sign where it is negative, and the darker the
/// larger.
pub(super) fn shade_of_picture(share: f64) -> &'static str {
    match share {
        _ if share > 0.75 => "██",
        _ if share > 0.5 => "▓▓",
        _ if share > 0.25 => "▒▒",
        _ if share > 0.0 => "░░",
        0.0 => "  ",
        _ if share >= -0.25 => "−░",
        _ if share >= -0.5 => "−▒",
        _ if share >= -0.75 => "−▓",
        _ => "−█",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_tell_sign_and_size() {
        let shades: Vec<String> = [4.0, -4.0, 2.5, -1.5, 0.1, 0.0]
            .iter()
            .map(|&gradient| shade(gradient, 4.0))
            .collect();
        assert_eq!(shades, ["+██", "−██", "+▓▓", "−▒▒", "+░░", "  0"]);
    }
}
