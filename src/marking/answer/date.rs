//! Dates, which a spreadsheet makes of fractions and of places.

/// The beginnings of the months' names.
const MONTHS: [&str; 22] = [
    "jan", "feb", "fév", "mar", "mär", "mrz", "apr", "avr", "may", "mai", "jun", "jui", "jul",
    "aug", "aoû", "sep", "oct", "okt", "nov", "dec", "dez", "déc",
];

/// Whether a text looks like a date: `7-Feb`, `07. Februar`, `07/02/2026` or `2026-02-07`.
pub(super) fn is_date(text: &str) -> bool {
    let is_between = |c: char| matches!(c, '-' | '/' | '.' | ' ');
    let pieces: Vec<&str> = text.split(is_between).filter(|it| !it.is_empty()).collect();
    let is_number = |piece: &&str| piece.bytes().all(|byte| byte.is_ascii_digit());
    let (numbers, words): (Vec<&str>, Vec<&str>) = pieces.into_iter().partition(is_number);
    let is_month = |word: &str| {
        let word = word.to_lowercase();
        word.chars().count() >= 3
            && word.chars().all(char::is_alphabetic)
            && MONTHS.iter().any(|month| word.starts_with(month))
    };
    let sizes: Vec<usize> = numbers.iter().map(|number| number.len()).collect();
    match (&sizes[..], &words[..]) {
        ([_] | [_, _], [month]) => is_month(month),
        ([1..=2, 1..=2, 2 | 4] | [4, 1..=2, 1..=2], []) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn dates_are_known_as_spreadsheets_write_them() {
        for date in [
            "7-Feb",
            "07. Feb",
            "Feb 07",
            "02-Jan-26",
            "7. März",
            "07/02/2026",
            "7.2.26",
            "2026-02-07",
            "1-Dez",
            "12 déc",
        ] {
            assert!(is_date(date), "{date}");
        }
        for other in [
            "7/2", "1-2", "abc", "3.5", "", "may", "1 2 3 4", "7-Fox", "1.5e-3",
        ] {
            assert!(!is_date(other), "{other}");
        }
    }
}
