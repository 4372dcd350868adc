//! Answers that are alike where chance and slips do not make them so: what a teacher may want to
//! look at, and a student is never shown.

use std::collections::BTreeMap;

use super::marked::Marked;
use super::scheme::MarkScheme;
use crate::tensor::rounded;

/// How many significant digits of two numbers must be the same.
const DIGITS: usize = 4;
/// In so many numbers of a tensor two answers must be alike.
const LEAST: usize = 2;

/// What an answer is compared by.
#[derive(Debug, Clone)]
pub struct Fingerprint {
    student: String,
    /// The digest of the scenario that it was marked against.
    exercise: String,
    tensors: Vec<Tensor>,
}

/// The numbers of one asked tensor, each as it is compared.
#[derive(Debug, Clone)]
struct Tensor {
    name: String,
    theirs: Vec<String>,
    right: Vec<String>,
    /// Those that are wrong and that no slip explains, each with its place.
    unexplained: Vec<(usize, String)>,
}

/// Two answers that are alike in a tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// Whose answer it is.
    pub student: String,
    /// Whose it is like.
    pub other: String,
    /// The tensor.
    pub tensor: String,
    /// In how many numbers.
    pub n: usize,
    /// In which way.
    pub how: How,
}

/// How two answers are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// All numbers are wrong here, and right in the other's own exercise.
    RightForTheOther,
    /// The same numbers are wrong in both, to an exercise that both have, and no slip makes them
    /// so.
    WrongInBoth,
}

impl Fingerprint {
    /// What an answer is compared by; nothing of one that cannot be read.
    pub fn of(scheme: &MarkScheme, marked: &Marked) -> Self {
        let written = |number: f64| rounded(number, DIGITS);
        let reports = marked.submission.tensors.iter().zip(&marked.marks);
        let tensors = reports.map(|(report, marks)| {
            let theirs = marks.numbers.iter();
            let theirs: Vec<String> = theirs
                .map(|number| number.map_or_else(String::new, written))
                .collect();
            let right = scheme.backprop.gradient(report.tensor).data().iter();
            let is_explained = !report.diagnosis.is_empty() || report.follows.is_some();
            let wrong = marks.wrong().filter(|_| !is_explained);
            Tensor {
                name: report.name.clone(),
                unexplained: wrong.map(|at| (at, theirs[at].clone())).collect(),
                theirs,
                right: right.copied().map(written).collect(),
            }
        });
        Self {
            student: marked.submission.student.clone(),
            exercise: scheme.sha256.clone(),
            tensors: tensors.collect(),
        }
    }
}

/// Finds the answers that are alike, each student's in turn.
pub fn alike(answers: &[Fingerprint]) -> Vec<Alike> {
    let mut found = right_for_another(answers);
    found.extend(wrong_in_both(answers));
    found.sort_by(|one, other| one.student.cmp(&other.student));
    found
}

fn right_for_another(answers: &[Fingerprint]) -> Vec<Alike> {
    let mut owners: BTreeMap<(&str, &[String]), Vec<&Fingerprint>> = BTreeMap::new();
    for answer in answers {
        for tensor in &answer.tensors {
            let right = (tensor.name.as_str(), &tensor.right[..]);
            owners.entry(right).or_default().push(answer);
        }
    }
    let mut found = Vec::new();
    for answer in answers {
        for tensor in answer.tensors.iter().filter(|one| one.theirs != one.right) {
            let theirs = (tensor.name.as_str(), &tensor.theirs[..]);
            let n = tensor.theirs.iter().filter(|number| *number != "0").count();
            let others = owners.get(&theirs).filter(|_| n >= LEAST);
            for other in others.into_iter().flatten() {
                let how = How::RightForTheOther;
                found.push(Alike::new(answer, other, &tensor.name, n, how));
            }
        }
    }
    found
}

/// Wrong numbers that no slip explains: of which exercise and tensor they are, and their places.
type Wrong<'a> = (&'a str, &'a str, &'a [(usize, String)]);

fn wrong_in_both(answers: &[Fingerprint]) -> Vec<Alike> {
    let mut first: BTreeMap<Wrong<'_>, &Fingerprint> = BTreeMap::new();
    let mut found = Vec::new();
    for answer in answers {
        let such = |tensor: &&Tensor| tensor.unexplained.len() >= LEAST;
        for tensor in answer.tensors.iter().filter(such) {
            let wrong = &tensor.unexplained[..];
            let key = (answer.exercise.as_str(), tensor.name.as_str(), wrong);
            match first.get(&key) {
                Some(other) => {
                    let (n, how) = (wrong.len(), How::WrongInBoth);
                    found.push(Alike::new(answer, other, &tensor.name, n, how));
                }
                None => drop(first.insert(key, answer)),
            }
        }
    }
    found
}

impl Alike {
    fn new(one: &Fingerprint, other: &Fingerprint, tensor: &str, n: usize, how: How) -> Self {
        Self {
            student: one.student.clone(),
            other: other.student.clone(),
            tensor: tensor.to_owned(),
            n,
            how,
        }
    }
}
