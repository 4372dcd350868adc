//! A class: who is in it, whose an answer is, and which of somebody's hand-ins is marked.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::answers::AnswerFile;
use super::input;
use crate::diagnostic::Diagnostic;
use crate::exercise::{Roster, Student};
use crate::marking::Answer;
use crate::scenario::sha256_of;

/// What a student's own scenario is called in their folder.
pub(super) const OWN_SCENARIO: &str = "scenario.json";

/// Everybody who is known to be in the class; nobody where neither a roster nor a folder of
/// scenarios says so.
#[derive(Debug, Default)]
pub(super) struct Class {
    members: Vec<Member>,
    /// By id and by the name of the folder, in small letters: who it is.
    places: HashMap<String, usize>,
    /// The folder with a scenario for each student.
    folder: Option<PathBuf>,
    /// By the digest of a student's own scenario: who it is.
    exercises: OnceLock<HashMap<String, usize>>,
}

/// A student of the class.
#[derive(Debug)]
struct Member {
    id: String,
    /// The name of the folder with their scenario.
    folder: String,
}

impl Class {
    /// Learns who is in the class from its roster, and from a folder with a scenario for each.
    pub(super) fn of(scenarios: &str, roster: Option<&Roster>) -> Result<Self, Diagnostic> {
        let mut class = Self::default();
        for Student { id, folder, .. } in roster.into_iter().flat_map(|roster| &roster.students) {
            let (id, folder) = (id.clone(), folder.clone());
            class.add(Member { id, folder });
        }
        let path = Path::new(scenarios);
        if !path.is_dir() {
            return Ok(class);
        }
        let entries = fs::read_dir(path).map_err(|error| input::about(scenarios, &error))?;
        let owns = entries.filter_map(Result::ok);
        let owns = owns.filter(|entry| entry.path().join(OWN_SCENARIO).is_file());
        let mut names: Vec<String> = owns
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        for name in names {
            class.add(Member {
                id: name.clone(),
                folder: name,
            });
        }
        class.folder = Some(path.to_owned());
        Ok(class)
    }

    fn add(&mut self, member: Member) {
        let names = [&member.id, &member.folder].map(|name| name.to_lowercase());
        if names.iter().any(|name| self.places.contains_key(name)) {
            return;
        }
        let place = self.members.len();
        self.places.extend(names.map(|name| (name, place)));
        self.members.push(member);
    }

    /// Says of each answer whose it is, where it is somebody's of the class: by the name that it
    /// was handed over with, or else by what it says itself. Puts them in the order of the class.
    pub(super) fn assign(&self, answers: &mut [AnswerFile]) {
        for answer in answers.iter_mut().filter(|_| !self.members.is_empty()) {
            let Some(place) = self.named(&answer.name).or_else(|| self.said(answer)) else {
                continue;
            };
            let Member { id, folder } = &self.members[place];
            answer.student.clone_from(id);
            answer.folder = Some(folder.clone());
        }
        let place = |answer: &AnswerFile| self.places.get(&answer.student.to_lowercase());
        answers.sort_by_key(|answer| place(answer).copied().unwrap_or(usize::MAX));
    }

    /// Whose id is a folder's or a file's name, or else a word in it.
    fn named(&self, name: &str) -> Option<usize> {
        let stem = Path::new(name).with_extension("");
        let parts = stem
            .iter()
            .map(|part| part.to_string_lossy().to_lowercase());
        let parts: Vec<String> = parts.collect();
        let whole = parts.iter().find_map(|part| self.places.get(part).copied());
        whole.or_else(|| parts.iter().find_map(|part| self.word_in(part)))
    }

    /// Whose id stands in a name between signs that are no letters and no digits: the longest, and
    /// nobody's where several are as long.
    fn word_in(&self, name: &str) -> Option<usize> {
        let mut best: Vec<(usize, usize)> = Vec::new();
        for (start, end) in runs(name) {
            let Some(&place) = self.places.get(&name[start..end]) else {
                continue;
            };
            let longest = best.first().map_or(0, |(length, _)| *length);
            match (end - start).cmp(&longest) {
                Ordering::Greater => best = vec![(end - start, place)],
                Ordering::Equal => best.push((end - start, place)),
                Ordering::Less => {}
            }
        }
        let mut places = best.iter().map(|(_, place)| *place);
        let first = places.next()?;
        places.all(|place| place == first).then_some(first)
    }

    /// Who an answer says that it is by, or whose exercise it is an answer to.
    fn said(&self, answer: &AnswerFile) -> Option<usize> {
        let said = Answer::said_in(&answer.name, &mut answer.open().ok()?).ok()?;
        let student = said.student.map(|student| student.to_lowercase());
        let by_name = student.and_then(|student| self.places.get(&student).copied());
        by_name.or_else(|| self.exercises().get(&said.exercise?).copied())
    }

    /// Whose own exercise has this digest.
    pub(super) fn owner(&self, sha256: &str) -> Option<&str> {
        let place = *self.exercises().get(sha256)?;
        Some(&self.members[place].id)
    }

    fn exercises(&self) -> &HashMap<String, usize> {
        self.exercises.get_or_init(|| {
            let digest = |(place, member): (usize, &Member)| {
                let path = self.folder.as_ref()?.join(&member.folder);
                let bytes = input::read_file(&path.join(OWN_SCENARIO)).ok()?;
                Some((sha256_of(&bytes), place))
            };
            self.members.iter().enumerate().filter_map(digest).collect()
        })
    }

    /// The ids of those from whom nothing came.
    pub(super) fn missing<'a>(
        &'a self,
        came: &'a HashSet<String>,
    ) -> impl Iterator<Item = &'a str> {
        let ids = self.members.iter().map(|member| member.id.as_str());
        ids.filter(|id| !came.contains(*id))
    }
}

/// The most signs and words of a name that are looked at.
const MOST_WORDS: usize = 40;

/// Where in a name one or several words stand, with what is between them.
fn runs(name: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    for (at, c) in name.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        match words.last_mut() {
            Some((_, end)) if *end == at => *end += c.len_utf8(),
            _ => words.push((at, at + c.len_utf8())),
        }
    }
    words.truncate(MOST_WORDS);
    let of = |(number, &(start, _)): (usize, &(usize, usize))| {
        let ends = words[number..].iter().map(move |&(_, end)| (start, end));
        ends.collect::<Vec<_>>()
    };
    words
        .iter()
        .enumerate()
        .flat_map(of)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Reads the table of a class.
pub(super) fn roster(path: &Path, id_column: Option<&str>) -> Result<Roster, Diagnostic> {
    let name = path.to_string_lossy();
    Roster::read(&name, &input::bytes(&name)?, id_column)
}

/// What one student has handed in.
#[derive(Debug)]
pub(super) struct HandIns {
    /// The last: `s1024-10.csv` comes after `s1024-2.csv`.
    pub(super) last: AnswerFile,
    /// What came before, in order.
    pub(super) before: Vec<AnswerFile>,
}

impl HandIns {
    /// All of a student's, each of which knows of the others.
    fn of(mut all: Vec<AnswerFile>) -> Option<Self> {
        all.sort_by_cached_key(|answer| in_order(&answer.name));
        let names: Vec<String> = all.iter().map(|answer| answer.name.clone()).collect();
        for answer in &mut all {
            let others = names.iter().filter(|name| **name != answer.name);
            answer.others = others.cloned().collect();
        }
        let last = all.pop()?;
        Some(Self { last, before: all })
    }
}

/// Puts together what each student has handed in. What somebody has named one by one is not taken
/// for several hand-ins of one student.
pub(super) fn hand_ins(answers: Vec<AnswerFile>) -> Vec<HandIns> {
    let mut all: Vec<Vec<AnswerFile>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for answer in answers {
        let student = answer.student.to_lowercase();
        match places.get(&student).filter(|_| answer.is_in_folder()) {
            Some(&place) => all[place].push(answer),
            None => {
                if answer.is_in_folder() {
                    places.insert(student, all.len());
                }
                all.push(vec![answer]);
            }
        }
    }
    all.into_iter().filter_map(HandIns::of).collect()
}

/// Puts together what was handed in for a report of one submission: all that lies in folders is one
/// student's.
pub(super) fn hand_in_of_one(answers: Vec<AnswerFile>) -> Vec<HandIns> {
    let (found, named): (Vec<_>, Vec<_>) = answers.into_iter().partition(AnswerFile::is_in_folder);
    let all = [found]
        .into_iter()
        .chain(named.into_iter().map(|one| vec![one]));
    all.filter_map(HandIns::of).collect()
}

/// A piece of a name: a number, which counts as one, or a letter.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Letter(char),
    Number(usize, String),
}

/// A file's name without its ending in pieces, by which `a-2` comes before `a-10`, and `a` before
/// `a (1)`.
fn in_order(name: &str) -> Vec<Piece> {
    let stem = Path::new(name).with_extension("");
    let mut pieces: Vec<Piece> = Vec::new();
    for c in stem.to_string_lossy().chars() {
        match (c.is_ascii_digit(), pieces.last_mut()) {
            (true, Some(Piece::Number(length, digits))) => {
                *length += 1;
                digits.push(c);
            }
            (true, _) => pieces.push(Piece::Number(1, c.to_string())),
            (false, _) => pieces.push(Piece::Letter(c)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(ids: &[&str]) -> Class {
        let mut class = Class::default();
        for id in ids {
            class.add(Member {
                id: (*id).to_owned(),
                folder: (*id).to_owned(),
            });
        }
        class
    }

    #[test]
    fn an_id_is_found_in_what_systems_make_of_a_name() {
        let class = class(&["s1024", "s10", "000021", "ada@example.org", "48", "77"]);
        for (name, id) in [
            ("s1024.json", Some("s1024")),
            ("S1024.JSON", Some("s1024")),
            ("lovelace_123_456_s1024-1.csv", Some("s1024")),
            ("Ada_48_assignsubmission_file/s1024.csv", Some("s1024")),
            ("000021 (1).npz", Some("000021")),
            ("hw_ada@example.org_late.json", Some("ada@example.org")),
            ("48_77.json", None),
            ("s10245.json", None),
            ("s10/answer.json", Some("s10")),
        ] {
            let found = class
                .named(name)
                .map(|place| class.members[place].id.as_str());
            assert_eq!(found, id, "{name}");
        }
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["a-10.csv", "a (1).csv", "a.csv", "a-2.csv"];
        names.sort_by_cached_key(|name| in_order(name));
        assert_eq!(names, ["a.csv", "a (1).csv", "a-2.csv", "a-10.csv"]);
    }
}
