//! The report as JUnit's XML: a suite a student, a test a tensor.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::phrases;
use super::shape::WIDEST_NAME;
use super::writer::{Expected, Heading, Report};
use crate::diagnostic::visible;
use crate::marking::{Marked, Problem, Summary, TensorReport, Uncompared};
use crate::tape::Network;
use crate::text::shortened_name;

struct JUnit {
    expected: Expected,
}

pub(super) fn begin(heading: &Heading, out: &mut dyn Write) -> io::Result<Box<dyn Report>> {
    let mut xml = Writer::new(&mut *out);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::Text(BytesText::new("\n")))?;
    let mut suites = BytesStart::new("testsuites");
    suites.push_attribute(("name", &*visible(&heading.title)));
    xml.write_event(Event::Start(suites))?;
    Ok(Box::new(JUnit {
        expected: heading.expected,
    }))
}

impl Report for JUnit {
    fn add(&mut self, marked: &Marked, out: &mut dyn Write) -> io::Result<()> {
        let submission = &marked.submission;
        let n_failed = submission
            .tensors
            .iter()
            .filter(|tensor| !passes(tensor))
            .count();
        let n_errors = usize::from(submission.error.is_some());
        let problems = submission.problems.iter();
        let skipped: Vec<&Problem> = problems.filter(|it| is_skipped(it)).collect();
        let n_skipped = skipped.len();
        let n_tests = (submission.tensors.len() + n_errors + n_skipped).to_string();
        let [n_failed, n_errors, n_skipped] =
            [n_failed, n_errors, n_skipped].map(|n| n.to_string());
        let student = visible(&submission.student);
        let file = visible(&submission.file);
        let name = if file.is_empty() { &student } else { &file };
        out.write_all(b"\n")?;
        let mut xml = Writer::new_with_indent(out, b' ', 2);
        let suite = xml.create_element("testsuite").with_attributes([
            ("name", &*student),
            ("file", &*file),
            ("tests", &n_tests),
            ("failures", &n_failed),
            ("errors", &n_errors),
            ("skipped", &n_skipped),
        ]);
        suite.write_inner_content(|xml| {
            for (network, report) in marked.tensors() {
                testcase(xml, &student, network, report, self.expected)?;
            }
            for problem in skipped {
                let name = shortened_name(problem.tensor(), WIDEST_NAME);
                let name = visible(&name);
                let case = xml
                    .create_element("testcase")
                    .with_attributes([("name", &*name), ("classname", &*student)]);
                case.write_inner_content(|xml| {
                    let skipped = xml.create_element("skipped");
                    let message = problem.to_string();
                    let skipped = skipped.with_attribute(("message", &*visible(&message)));
                    skipped.write_empty().map(drop)
                })?;
            }
            if let Some(error) = &submission.error {
                let case = xml
                    .create_element("testcase")
                    .with_attributes([("name", &**name), ("classname", &*student)]);
                case.write_inner_content(|xml| {
                    let error = xml
                        .create_element("error")
                        .with_attribute(("message", &*visible(&phrases::unreadable(error))));
                    error.write_empty().map(drop)
                })?;
            }
            let problems = submission.problems.iter().map(ToString::to_string);
            let remarks = phrases::remarks(marked, phrases::disclosure(self.expected));
            for said in remarks.into_iter().chain(problems) {
                xml.create_element("system-err")
                    .write_text_content(BytesText::new(&visible(&said)))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn end(self: Box<Self>, _: &Summary, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n")?;
        Writer::new(&mut *out).write_event(Event::End(BytesEnd::new("testsuites")))?;
        out.write_all(b"\n")
    }
}

/// Whether something that no test is of could not be compared.
fn is_skipped(problem: &Problem) -> bool {
    let why = problem.uncompared().map(|(_, why)| why);
    why == Some(Uncompared::Name)
}

/// Whether all of a tensor's numbers earn their marks.
fn passes(tensor: &TensorReport) -> bool {
    tensor.earned() == tensor.total
}

fn testcase<W: Write>(
    xml: &mut Writer<W>,
    student: &str,
    network: &Network,
    tensor: &TensorReport,
    expected: Expected,
) -> io::Result<()> {
    let case = xml
        .create_element("testcase")
        .with_attributes([("name", &*tensor.name), ("classname", student)]);
    let said = phrases::tensor_text(network, tensor, expected);
    match (passes(tensor), tensor.carried) {
        (true, 0) => case.write_empty()?,
        (true, _) => case.write_inner_content(|xml| {
            xml.create_element("system-out")
                .write_text_content(BytesText::new(&said))?;
            Ok(())
        })?,
        (false, _) => case.write_inner_content(|xml| {
            let message =
                phrases::wrong(network, tensor, expected).unwrap_or_else(|| phrases::count(tensor));
            let attributes = [("message", &*message), ("type", tensor.status.name())];
            xml.create_element("failure")
                .with_attributes(attributes)
                .write_text_content(BytesText::new(&said))?;
            Ok(())
        })?,
    };
    Ok(())
}
