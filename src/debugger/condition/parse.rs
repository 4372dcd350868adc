//! How a condition is read: `or` binds less than `and`, which binds less than `not`, which binds
//! less than a comparison.

use std::ops::Range;

use super::error::{ConditionError, DEEPEST};
use super::expression::{Condition, Quantity, Relation, Word};
use crate::diagnostic::nearest;
use crate::health::{Watch, WatchRow};
use crate::tensor::{NumberError, number_prefix, parse_number};

/// What a condition can begin with.
const OPERANDS: &[&str] = &[
    "grad",
    "abs(grad)",
    "value",
    "abs(value)",
    "contributions",
    "change",
    "abs(change)",
    "update",
    "loss",
    "abs(loss)",
    "tie",
    "dead",
    "nan",
    "nan at origin",
    "inf",
    "wrong",
    "overflow",
    "overflowed",
    "flushed",
    "swamped",
    "zero",
    "vanishing",
    "exploding",
    "range",
    "saturated",
    "not",
];
/// What can stand in parentheses after `abs`.
const ABSOLUTE: &[&str] = &["grad", "value", "change", "loss"];
/// What can follow a quantity.
const RELATIONS: &[&str] = &["<", "<=", ">", ">=", "==", "!="];
/// What can follow a condition.
const JOINTS: &[&str] = &["and", "or"];

/// Reads a condition.
///
/// # Errors
/// What is wrong with it, and at which bytes.
pub(in crate::debugger) fn parse(text: &str) -> Result<Condition, Stuck> {
    let mut reader = Reader {
        tokens: tokens(text),
        next: 0,
        depth: 0,
    };
    let condition = reader.any()?;
    match reader.peek() {
        Token::End => Ok(condition),
        Token::Relation(_) => reader.stuck(ConditionError::Chained, &[]),
        Token::Close => reader.stuck(ConditionError::Unopened, &[]),
        _ => reader.stuck(ConditionError::MissingJoint, JOINTS),
    }
}

/// Returns the words that can stand at the end of a text.
pub(in crate::debugger) fn expected(text: &str) -> &'static [&'static str] {
    match parse(text) {
        Ok(_) => JOINTS,
        Err(stuck) if stuck.at.start >= text.trim_end().len() => stuck.expected,
        Err(_) => &[],
    }
}

/// Why the reading went no further, at which bytes, and what could have stood there.
#[derive(Debug, PartialEq)]
pub(in crate::debugger) struct Stuck {
    pub(in crate::debugger) at: Range<usize>,
    pub(in crate::debugger) error: ConditionError,
    expected: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    /// A number, or why it is none.
    Number(&'a str, Result<f64, NumberError>),
    Word(&'a str),
    Relation(Relation),
    Open,
    Close,
    Unknown(&'a str),
    End,
}

/// Takes a text apart; the last token is its end.
fn tokens(text: &str) -> Vec<(Token<'_>, Range<usize>)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let (token, length) = token(&text[at..]);
        tokens.push((token, at..at + length));
        if token == Token::End {
            return tokens;
        }
        at += length;
    }
}

/// Reads the token at the start of a text, and how long it is.
fn token(text: &str) -> (Token<'_>, usize) {
    let Some(first) = text.chars().next() else {
        return (Token::End, 0);
    };
    let length_while = |is_part: fn(char) -> bool| text.find(|c| !is_part(c)).unwrap_or(text.len());
    match first {
        'a'..='z' | 'A'..='Z' | '_' => {
            let length = length_while(|c| c.is_ascii_alphanumeric() || c == '_');
            let word = &text[..length];
            match parse_number(word) {
                Ok(number) if number.is_infinite() => (Token::Number(word, Ok(number)), length),
                _ => (Token::Word(word), length),
            }
        }
        '<' | '>' | '=' | '!' => {
            let length = length_while(|c| matches!(c, '<' | '>' | '=' | '!'));
            let relation = match &text[..length] {
                "=" => Some(Relation::Equal),
                sign => Relation::ALL
                    .into_iter()
                    .find(|relation| relation.sign() == sign),
            };
            (
                relation.map_or(Token::Unknown(&text[..length]), Token::Relation),
                length,
            )
        }
        '≤' => (Token::Relation(Relation::AtMost), first.len_utf8()),
        '≥' => (Token::Relation(Relation::AtLeast), first.len_utf8()),
        '≠' => (Token::Relation(Relation::Unequal), first.len_utf8()),
        '(' => (Token::Open, 1),
        ')' => (Token::Close, 1),
        _ if !number_prefix(text).is_empty() => {
            let number = number_prefix(text);
            (Token::Number(number, parse_number(number)), number.len())
        }
        other => (Token::Unknown(&text[..other.len_utf8()]), other.len_utf8()),
    }
}

/// One side of a comparison.
enum Side {
    Quantity(Quantity),
    Number(f64),
}

struct Reader<'a> {
    tokens: Vec<(Token<'a>, Range<usize>)>,
    next: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Token<'a> {
        self.tokens[self.next].0
    }

    /// Takes the next token; the end stays where it is.
    fn take(&mut self) -> Token<'a> {
        let token = self.peek();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    fn takes(&mut self, token: Token<'_>) -> bool {
        let is_next = self.peek() == token;
        if is_next {
            self.take();
        }
        is_next
    }

    /// Complains about the next token.
    fn stuck<T>(
        &self,
        error: ConditionError,
        expected: &'static [&'static str],
    ) -> Result<T, Stuck> {
        let at = self.tokens[self.next].1.clone();
        Err(Stuck {
            at,
            error,
            expected,
        })
    }

    /// Complains about all tokens from a byte on.
    fn stuck_from<T>(&self, start: usize, error: ConditionError) -> Result<T, Stuck> {
        let before = self.tokens[self.next.saturating_sub(1)].1.end;
        Err(Stuck {
            at: start..before,
            error,
            expected: &[],
        })
    }

    fn any(&mut self) -> Result<Condition, Stuck> {
        let mut parts = vec![self.all()?];
        while self.takes(Token::Word("or")) {
            parts.push(self.all()?);
        }
        Ok(Condition::any(parts))
    }

    fn all(&mut self) -> Result<Condition, Stuck> {
        let mut parts = vec![self.not()?];
        while self.takes(Token::Word("and")) {
            parts.push(self.not()?);
        }
        Ok(Condition::all(parts))
    }

    fn not(&mut self) -> Result<Condition, Stuck> {
        if self.depth == DEEPEST {
            return self.stuck(ConditionError::TooDeep, &[]);
        }
        self.depth += 1;
        let condition = match self.peek() {
            Token::Word("not") => {
                self.take();
                Condition::Not(Box::new(self.not()?))
            }
            Token::Open => {
                self.take();
                let inner = self.any()?;
                self.close(JOINTS)?;
                inner
            }
            _ => self.leaf()?,
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn close(&mut self, expected: &'static [&'static str]) -> Result<(), Stuck> {
        if self.takes(Token::Close) {
            return Ok(());
        }
        self.stuck(ConditionError::MissingClose, expected)
    }

    /// Reads a word or a comparison.
    fn leaf(&mut self) -> Result<Condition, Stuck> {
        if let Some(watch) = self.watch()? {
            return Ok(Condition::Finds(watch));
        }
        if let Some(word) = self.word() {
            return Ok(Condition::Is(word));
        }
        let start = self.tokens[self.next].1.start;
        let left = self.side(OPERANDS)?;
        let Token::Relation(relation) = self.peek() else {
            return self.stuck(ConditionError::MissingComparison, RELATIONS);
        };
        self.take();
        match (left, self.side(&[])?) {
            (Side::Quantity(quantity), Side::Number(number)) => {
                Ok(Condition::Compares(quantity, relation, number))
            }
            (Side::Number(number), Side::Quantity(quantity)) => {
                Ok(Condition::Compares(quantity, relation.flipped(), number))
            }
            (Side::Number(_), Side::Number(_)) => {
                self.stuck_from(start, ConditionError::OnlyNumbers)
            }
            (Side::Quantity(_), Side::Quantity(_)) => {
                self.stuck_from(start, ConditionError::OnlyQuantities)
            }
        }
    }

    /// Takes something to watch for, with its limit where one stands behind it. A word that is
    /// true of single neurons, too, is that word where it has no limit.
    fn watch(&mut self) -> Result<Option<Watch>, Stuck> {
        let Token::Word(name) = self.peek() else {
            return Ok(None);
        };
        let behind = self.tokens.get(self.next + 1).map(|(token, _)| *token);
        let has_limit = behind == Some(Token::Relation(Relation::Equal));
        let row = WatchRow::find(name).filter(|row| match row.limit {
            Some(_) => has_limit || Word::named(name).is_none(),
            None => !has_limit && Word::named(name).is_none(),
        });
        let Some(row) = row else {
            return Ok(None);
        };
        self.take();
        if !has_limit {
            return Ok(Some(row.watched()));
        }
        self.take();
        match self.peek() {
            Token::Number(_, Ok(limit)) if row.watched_from(limit).is_some() => {
                self.take();
                Ok(row.watched_from(limit))
            }
            _ => self.stuck(ConditionError::Limit, &[]),
        }
    }

    /// Takes a word, which may have several parts. An infinity that is compared is none.
    fn word(&mut self) -> Option<Word> {
        let left = &self.tokens[self.next..];
        let is_next = |word: &Word| {
            let mut parts = word.name().split(' ').zip(left);
            let is_there = parts.all(|(part, (token, _))| match *token {
                Token::Word(written) | Token::Number(written, _) => written == part,
                _ => false,
            });
            is_there && (*word != Word::Infinite || !matches!(left[1].0, Token::Relation(_)))
        };
        let word = Word::ALL.into_iter().find(is_next)?;
        word.name().split(' ').for_each(|_| _ = self.take());
        Some(word)
    }

    fn side(&mut self, expected: &'static [&'static str]) -> Result<Side, Stuck> {
        match self.peek() {
            Token::Number(written, number) => self.number(written, number).map(Side::Number),
            Token::Word("abs") => {
                self.take();
                self.absolute().map(Side::Quantity)
            }
            Token::Word(name) => match Quantity::named(name) {
                Some(quantity) => {
                    self.take();
                    Ok(Side::Quantity(quantity))
                }
                None if Word::named(name).is_some() => {
                    self.stuck(ConditionError::MissingNumber, &[])
                }
                None => self.unknown(name, expected),
            },
            _ if expected.is_empty() => self.stuck(ConditionError::MissingNumber, &[]),
            Token::End => self.stuck(ConditionError::Missing, expected),
            _ => self.stuck(ConditionError::Misplaced, &[]),
        }
    }

    fn absolute(&mut self) -> Result<Quantity, Stuck> {
        if !self.takes(Token::Open) {
            return self.stuck(ConditionError::MissingOpen, &[]);
        }
        let quantity = match self.peek() {
            Token::Word("grad") => Quantity::AbsoluteGradient,
            Token::Word("value") => Quantity::AbsoluteValue,
            Token::Word("change") => Quantity::AbsoluteChange,
            Token::Word("loss") => Quantity::AbsoluteLoss,
            _ => return self.stuck(ConditionError::MissingQuantity, ABSOLUTE),
        };
        self.take();
        self.close(&[])?;
        Ok(quantity)
    }

    fn number(&mut self, written: &str, number: Result<f64, NumberError>) -> Result<f64, Stuck> {
        match number {
            Ok(number) if number.is_nan() => self.stuck(ConditionError::ComparedWithNan, &[]),
            Ok(number) => {
                self.take();
                Ok(number)
            }
            Err(error) => {
                let text = written.to_owned();
                self.stuck(ConditionError::Number { text, error }, &[])
            }
        }
    }

    fn unknown<T>(&self, word: &str, expected: &'static [&'static str]) -> Result<T, Stuck> {
        let error = ConditionError::Unknown {
            meant: nearest(word, OPERANDS.iter().copied()),
            word: word.to_owned(),
        };
        self.stuck(error, expected)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn conditions_are_read() {
        for (text, written) in [
            ("grad>1", "grad > 1"),
            ("1 < grad", "grad > 1"),
            ("-1/2 >= abs( value )", "abs(value) <= -0.5"),
            ("−2.5e−1=grad", "grad == -0.25"),
            ("contributions ≥ 3", "contributions >= 3"),
            ("0.5 < abs(change)", "abs(change) > 0.5"),
            ("abs( loss )>2 or update=3", "abs(loss) > 2 or update == 3"),
            ("value == -inf", "value == -inf"),
            ("tie or dead and nan", "tie or dead and nan"),
            ("(tie or dead) and nan", "(tie or dead) and nan"),
            ("((tie)) or (dead or nan)", "tie or dead or nan"),
            ("not grad > 1 and tie", "not grad > 1 and tie"),
            ("not (grad > 1 and tie)", "not (grad > 1 and tie)"),
            ("not not wrong", "not not wrong"),
            ("vanishing", "vanishing"),
            ("vanishing = 1e-3 and dead", "vanishing=0.001 and dead"),
            ("dead=0.5 or exploding==1000", "dead=0.5 or exploding"),
        ] {
            assert_eq!(
                parse(text).map(|condition| condition.to_string()),
                Ok(written.to_owned())
            );
        }
    }

    #[test]
    fn complaints_point_at_the_place() {
        let complaint = |text: &str| {
            let Stuck { at, error, .. } = parse(text).unwrap_err();
            let hint = error.hint();
            format!("{} `{}` {error} ({hint})", at.start, &text[at.clone()])
        };
        let texts = [
            "",
            "gard > 1",
            "grad >",
            "grad",
            "grad > > 1",
            "grad > tie",
            "1 < 2",
            "grad > value",
            "0 < grad < 1",
            "tie dead",
            "(tie or dead",
            "tie)",
            "abs grad > 1",
            "abs(tie) > 1",
            "grad > 1/0",
            "grad > 1,234",
            "grad > -nan",
            "grad => 1",
            "grad > 1.2.3",
            "tie && dead",
            "quantum",
            "value > -",
        ];
        insta::assert_snapshot!(texts.map(complaint).join("\n"));
    }

    #[test]
    fn nothing_lies_too_deep() {
        assert!(parse(&format!("{}tie{}", "(".repeat(60), ")".repeat(60))).is_ok());
        assert!(parse(&"(".repeat(100_000)).is_err());
        assert!(parse(&"not ".repeat(100_000)).is_err());
    }

    #[test]
    fn the_end_says_what_can_stand_there() {
        assert_eq!(expected(""), OPERANDS);
        assert_eq!(expected("grad > 1 and "), OPERANDS);
        assert_eq!(expected("grad "), RELATIONS);
        assert_eq!(expected("grad > 1 "), JOINTS);
        assert_eq!(expected("abs("), ABSOLUTE);
        assert_eq!(expected("(tie "), JOINTS);
        assert_eq!(expected("grad > "), [] as [&str; 0]);
        assert_eq!(expected("gard > 1 and "), [] as [&str; 0]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_complained_about(text in "[-a-z0-9 .()<>=!/−≤é]{0,40}") {
            if let Err(stuck) = parse(&text) {
                prop_assert!(text.get(stuck.at).is_some());
            }
            expected(&text);
        }
    }
}
