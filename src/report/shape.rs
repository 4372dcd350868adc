//! A report in the shape in which it is written as JSON: here what was found is put into words.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;

use super::phrases;
use super::writer::Expected;
use crate::json::Number;
use crate::marking::{
    Diagnosis, Kept, Marked, Origin, Status, Submission, Summary, TensorReport, Tolerance, Verdict,
};
use crate::tape::Network;
use crate::text::shortened_name;
use crate::words;

/// The format of a report and its version, as the file says it.
pub(super) const REPORT_FORMAT: &str = "backstep-report/1";

/// The widest name of a tensor that a file may have made up.
pub(super) const WIDEST_NAME: usize = 200;

/// Returns the JSON Schema of a report.
pub fn schema() -> Value {
    schemars::schema_for!(Whole).to_value()
}

/// A whole report, which is written piece by piece, so that no more than one submission is held.
struct Whole;

impl JsonSchema for Whole {
    fn schema_name() -> Cow<'static, str> {
        "Report".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let described = |schema: Schema, description: &str| {
            let mut schema = schema;
            schema.insert("description".to_owned(), description.into());
            schema
        };
        let tolerance = generator.subschema_for::<WrittenTolerance>();
        let submissions = generator.subschema_for::<Vec<WrittenSubmission<'_>>>();
        let summary = generator.subschema_for::<Summary>();
        json_schema!({
            "type": "object",
            "description": "A whole report.",
            "properties": {
                "format": described(
                    json_schema!({ "type": "string", "const": REPORT_FORMAT }),
                    "The format and its version.",
                ),
                "scenario_sha256": described(
                    json_schema!({ "type": "string" }),
                    "SHA-256 of the scenario file's bytes, in hex; left out where each student has \
                     a scenario of their own.",
                ),
                "tolerance": described(
                    tolerance,
                    "How far a number may be off that somebody has written by hand.",
                ),
                "submissions": described(submissions, "What is said of each file."),
                "summary": described(summary, "What all of them come to."),
            },
            "required": ["format", "tolerance", "submissions", "summary"],
            "additionalProperties": false,
        })
    }
}

/// When a number is right: off by at most `rtol` times the right one and `atol` times the largest
/// right one of its tensor.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tolerance")]
pub(super) struct WrittenTolerance {
    /// Relative to the right number.
    rtol: Number,
    /// Relative to the largest right number of the tensor.
    atol: Number,
    /// What it is usual for: `people`, `arrays`, `float16`, `bfloat16` or `integers`; left out
    /// where it was chosen. Of people, a decimal that is the right number rounded is right too.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'static str>,
}

impl From<Tolerance> for WrittenTolerance {
    fn from(tolerance: Tolerance) -> Self {
        Self {
            rtol: Number(tolerance.rtol),
            atol: Number(tolerance.atol),
            of: tolerance.of.map(Origin::name),
        }
    }
}

/// What is said of one file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Submission")]
pub(super) struct WrittenSubmission<'a> {
    /// The file's name; left out where nothing came.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schemars(default)]
    file: &'a str,
    /// Who has written it.
    student: &'a str,
    /// Which scenario it was marked against, where each student has one of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario_sha256: Option<&'a str>,
    /// What it comes to.
    verdict: Verdict,
    /// The part of the points that it earns, from 0 to 1.
    score: f64,
    /// The points that it earns.
    points: f64,
    /// The points that there are; left out where it is not known what the file is marked against.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_points: Option<f64>,
    /// Why the file cannot be read, where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// How far its numbers may be off, where that is not as far as the report says.
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<WrittenTolerance>,
    /// What is to be known before the marks, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    remarks: Vec<String>,
    /// What could not be read of single tensors and numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    problems: Vec<WrittenProblem<'a>>,
    /// How many tensors it need not have, and has not.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(default)]
    not_given: usize,
    /// What is said of the asked tensors, in the order in which they are asked.
    tensors: Vec<WrittenTensor<'a>>,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// What could not be read of one tensor.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
struct WrittenProblem<'a> {
    /// The tensor's name, as the file has it, cut where it is long.
    tensor: Cow<'a, str>,
    /// What is wrong with it.
    message: String,
}

/// What is said of one tensor of an answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TensorReport")]
struct WrittenTensor<'a> {
    /// The tensor's name.
    name: &'a str,
    /// The worst status of its numbers.
    status: Status,
    /// How many numbers are correct.
    correct: usize,
    /// How many are carried.
    carried: usize,
    /// How many are wrong.
    wrong: usize,
    /// How many are blank.
    blank: usize,
    /// How many cannot be read; `problems` says why.
    unreadable: usize,
    /// How many there are.
    total: usize,
    /// How far its numbers may be off, where that is not as far as the submission says: an array
    /// of a file of several types.
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<WrittenTolerance>,
    /// The tensor in which the same mistake was made before: it is taken off only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<&'a str>,
    /// The first wrong number in row-major order.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_wrong: Option<WrittenWrong>,
    /// What explains the wrong numbers.
    diagnosis: Vec<WrittenDiagnosis>,
}

/// A number that is wrong, beside the right one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FirstWrong")]
struct WrittenWrong {
    /// Its place, an index an axis.
    index: Vec<usize>,
    /// What the answer says.
    yours: Number,
    /// What is right; left out where that is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Number>,
}

/// What explains the wrong numbers of a tensor.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Diagnosis")]
struct WrittenDiagnosis {
    /// The slips that together give these numbers: one, or two of different stages.
    slips: Vec<&'static str>,
    /// How many of the wrong numbers they explain.
    explains: usize,
    /// How many wrong numbers there are.
    of: usize,
    /// How many of the tensor's numbers are as they give them, the right ones among them.
    agrees: usize,
    /// How many numbers the answer has for the tensor. Of a large tensor, these four counts are of
    /// the numbers that were looked at.
    total: usize,
    /// What was done, in plain words with the numbers of the first neuron that it explains: `left
    /// out the weights: 2 + 3 + 6 = 11`. It fits after "you" and after "who".
    says: String,
}

impl<'a> WrittenSubmission<'a> {
    pub(super) fn of(marked: &'a Marked, expected: Expected) -> Self {
        let Submission {
            file,
            student,
            scenario_sha256,
            verdict,
            score,
            error,
            tolerance,
            remarks: _,
            problems,
            uncompared: _,
            n_not_given,
            tensors: _,
        } = &marked.submission;
        let problems = problems.iter().map(|problem| WrittenProblem {
            tensor: shortened_name(problem.tensor(), WIDEST_NAME),
            message: problem.to_string(),
        });
        Self {
            file,
            student,
            scenario_sha256: scenario_sha256.as_deref(),
            verdict: *verdict,
            score: *score,
            points: marked.submission.points(),
            max_points: Some(marked.submission.max_points()).filter(|points| *points > 0.0),
            error: error.as_ref().map(phrases::unreadable),
            tolerance: tolerance.map(WrittenTolerance::from),
            remarks: phrases::remarks(marked, phrases::disclosure(expected)),
            problems: problems.collect(),
            not_given: *n_not_given,
            tensors: marked
                .tensors()
                .map(|(network, report)| WrittenTensor::of(network, report, expected))
                .collect(),
        }
    }
}

impl<'a> WrittenTensor<'a> {
    fn of(network: &Network, report: &'a TensorReport, expected: Expected) -> Self {
        let shape = &network.tensor(report.tensor).shape;
        Self {
            name: &report.name,
            status: report.status,
            correct: report.correct,
            carried: report.carried,
            wrong: report.wrong,
            blank: report.blank,
            unreadable: report.unreadable,
            total: report.total,
            tolerance: report.tolerance.map(WrittenTolerance::from),
            repeats: match &report.kept {
                Some(Kept::Repeats(first)) => Some(first),
                Some(Kept::BeforeTheActivation) | None => None,
            },
            first_wrong: report.first_wrong.map(|first| WrittenWrong {
                index: shape.index(first.element.at).to_vec(),
                yours: Number(first.yours),
                expected: (expected == Expected::Shown).then_some(Number(first.expected)),
            }),
            diagnosis: report
                .diagnosis
                .iter()
                .map(|diagnosis| WrittenDiagnosis::of(network, diagnosis, expected))
                .collect(),
        }
    }
}

impl WrittenDiagnosis {
    fn of(network: &Network, diagnosis: &Diagnosis, expected: Expected) -> Self {
        Self {
            slips: diagnosis.slips().to_vec(),
            explains: diagnosis.explains,
            of: diagnosis.of,
            agrees: diagnosis.agrees,
            total: diagnosis.total,
            says: words::diagnosis(network, diagnosis, phrases::disclosure(expected)),
        }
    }
}
