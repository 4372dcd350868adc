//! Numbers and counts as sentences have them. Counts are words where they are small, so that nobody
//! takes them for gradients.

use super::{parse_number, rounded};

/// How many significant digits a number in a sentence has.
const DIGITS: usize = 4;
/// How many it has at most, where fewer would hide a term of a sum.
const MOST_DIGITS: usize = 8;

/// Returns a number as it stands in a sentence.
pub(crate) fn number(value: f64) -> String {
    rounded(value, DIGITS)
}

/// Returns a number with so many digits that it is told apart from another.
pub(crate) fn apart(number: f64, other: f64) -> String {
    let digits = (4..17)
        .find(|&digits| rounded(number, digits) != rounded(other, digits))
        .unwrap_or(4);
    rounded(number, digits)
}

/// What a reader takes a number in a sentence for.
pub(crate) fn as_read(value: f64) -> f64 {
    parse_number(&number(value)).unwrap_or(value)
}

/// Whether numbers that are rounded to so many digits come to a result that is rounded so: what
/// somebody with a calculator finds. Of what is not finite nothing is claimed.
pub(crate) fn holds(
    numbers: impl Iterator<Item = f64>,
    combine: fn(f64, f64) -> f64,
    result: f64,
    digits: usize,
) -> bool {
    let read = |value| parse_number(&rounded(value, digits)).unwrap_or(value);
    let shown = numbers.map(read).reduce(combine).unwrap_or(0.0);
    !(shown.is_finite() && result.is_finite()) || rounded(shown, digits) == rounded(result, digits)
}

/// Returns `2 × 0.5 = 1`, or `0.7414 × 0.1868, about 0.1385` where the numbers as they are shown
/// give another result.
pub(crate) fn product(factors: &[f64], result: f64) -> String {
    let texts: Vec<String> = factors.iter().copied().map(number).collect();
    let shown: f64 = factors.iter().copied().map(as_read).product();
    concluded(&texts.join(" × "), shown, result)
}

/// Returns `1 − 3 + 6 = 4`, or `0.0554 − 0.01905, about 0.03635`. The result has as many digits as
/// show every term: `10 + 0.003 = 10.003`.
pub(crate) fn sum(terms: &[f64], result: f64) -> String {
    sum_beside(terms, result, result)
}

/// The same with so many digits that the result is told apart from another number, too.
pub(crate) fn sum_beside(terms: &[f64], result: f64, other: f64) -> String {
    let differ = |number: f64, digits: usize| {
        number == result || rounded(number, digits) != rounded(result, digits)
    };
    let shows_all = |&digits: &usize| {
        let mut others = terms.iter().map(|term| result - term).chain([other]);
        others.all(|without| differ(without, digits))
    };
    let left = added(terms);
    if !result.is_finite() || !terms.iter().all(|term| term.is_finite()) {
        return concluded(&left, terms.iter().sum(), result);
    }
    let shown: f64 = terms.iter().copied().map(as_read).sum();
    let digits = (DIGITS..=MOST_DIGITS).find(shows_all);
    let holds = |digits: &usize| rounded(shown, *digits) == rounded(result, *digits);
    match digits.filter(holds) {
        Some(digits) => format!("{left} = {}", rounded(result, digits)),
        None => format!("{left}, about {}", apart(result, other)),
    }
}

/// Returns `1 − 3 + 6`.
pub(crate) fn added(terms: &[f64]) -> String {
    let mut text = String::new();
    for (place, &term) in terms.iter().enumerate() {
        let term = match (place, term < 0.0) {
            (0, _) => number(term),
            (_, true) => format!(" − {}", number(-term)),
            (_, false) => format!(" + {}", number(term)),
        };
        text.push_str(&term);
    }
    text
}

/// Returns `1/3` for a third, and other numbers as they are.
pub(crate) fn ratio(value: f64) -> String {
    let parts = value.recip().round();
    let is_part = parts > 1.0 && parts.is_finite() && (value * parts - 1.0).abs() < 1e-9;
    if is_part {
        format!("1/{parts}")
    } else {
        number(value)
    }
}

pub(crate) fn concluded(left: &str, shown: f64, result: f64) -> String {
    let result = number(result);
    let sign = if number(shown) == result {
        " ="
    } else {
        ", about"
    };
    format!("{left}{sign} {result}")
}

const SMALL: [&str; 13] = [
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

/// Returns a count: `three`, `40`.
pub(crate) fn count(n: usize) -> String {
    SMALL
        .get(n)
        .map_or_else(|| n.to_string(), |&word| word.to_owned())
}

/// Returns `all three`, or `both`.
pub(crate) fn all(n: usize) -> String {
    if n == 2 {
        "both".to_owned()
    } else {
        format!("all {}", count(n))
    }
}

/// Returns one form or the other: `look` for several, `looks` for one.
pub(crate) fn form<'a>(n: usize, one: &'a str, several: &'a str) -> &'a str {
    if n == 1 { one } else { several }
}

/// Returns `once`, `twice`, `three times`.
pub(crate) fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{} times", count(n)),
    }
}

/// Returns `a quarter` for 0.25, or the number itself.
pub(crate) fn fraction(share: f64) -> String {
    let parts = (1.0 / share).round();
    if share <= 0.0 || (parts * share - 1.0).abs() > 1e-9 {
        return number(share);
    }
    match parts as u64 {
        1 => "all".to_owned(),
        2 => "half".to_owned(),
        3 => "a third".to_owned(),
        4 => "a quarter".to_owned(),
        5 => "a fifth".to_owned(),
        6 => "a sixth".to_owned(),
        8 => "an eighth".to_owned(),
        9 => "a ninth".to_owned(),
        10 => "a tenth".to_owned(),
        more => format!("1/{more}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_say_about_where_rounding_shows() {
        assert_eq!(product(&[2.0, 0.5], 1.0), "2 × 0.5 = 1");
        assert_eq!(product(&[3.0, -1.0], -3.0), "3 × −1 = −3");
        assert_eq!(product(&[1.0 / 3.0, 3.0], 1.0), "0.3333 × 3, about 1");
        assert_eq!(sum(&[1.0, -3.0, 6.0], 4.0), "1 − 3 + 6 = 4");
        assert_eq!(
            sum(&[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], 1.0),
            "0.3333 + 0.3333 + 0.3333, about 1"
        );
        assert_eq!(
            sum(&[10.0, 0.003, 0.0001], 10.0031),
            "10 + 0.003 + 0.0001 = 10.0031"
        );
        assert_eq!(sum(&[1.0, 1e-12], 1.0 + 1e-12), "1 + 1e−12, about 1");
        assert_eq!(
            sum_beside(&[15.0, 0.0063], 15.0063, 15.0078125),
            "15 + 0.0063 = 15.006"
        );
        assert_eq!(
            sum(&[f64::INFINITY, f64::NEG_INFINITY], f64::NAN),
            "∞ − ∞ = NaN"
        );
    }

    #[test]
    fn what_is_shown_holds_where_a_calculator_agrees() {
        let add = |terms: &[f64]| {
            let result = terms.iter().sum();
            holds(terms.iter().copied(), |one, other| one + other, result, 4)
        };
        assert!(add(&[1.0, -3.0, 6.0]) && add(&[10.0, 0.003]) && add(&[]));
        assert!(add(&[0.1, 0.2, -0.3]), "what is left of bits is written");
        assert!(!add(&[1.0 / 3.0; 3]), "0.3333 three times is no 1");
        assert!(add(&[f64::INFINITY, 1.0]) && add(&[f64::NAN]));
    }

    #[test]
    fn counts_and_shares_are_words() {
        assert_eq!(
            [all(2), all(3), count(40), times(2), times(5)],
            ["both", "all three", "40", "twice", "five times"]
        );
        assert_eq!(
            [
                fraction(0.25),
                fraction(1.0 / 9.0),
                fraction(1.0 / 16.0),
                fraction(0.3)
            ],
            ["a quarter", "a ninth", "1/16", "0.3"]
        );
    }
}
