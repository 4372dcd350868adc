//! How long it takes to draw the exercises of a class, on two threads: with what is found out of
//! the template first, and without the files.
//!
//! `cargo bench -- generate` prints three rows: over all templates at all levels, how many of them
//! are slow, and the slowest.

use std::time::Instant;

use backstep::cancel::Cancel;
use backstep::exercise::{Generator, Level, Template, templates};
use rayon::prelude::*;

use crate::common::row;

const N_STUDENTS: usize = 40;
const N_THREADS: usize = 2;

/// How many exercises a second there are.
fn rate(template: &'static Template, level: Level) -> f64 {
    let cancel = Cancel::default();
    let start = Instant::now();
    let generator = Generator::new(template, level, &cancel).expect("nobody gives it up");
    let exercise = |student: usize| {
        let seed = generator.seed(&["bench", &student.to_string()]);
        let exercise = generator.exercise(seed, &cancel);
        exercise.expect("nobody gives it up").json.len()
    };
    let n_bytes: usize = (0..N_STUDENTS).into_par_iter().map(exercise).sum();
    assert!(n_bytes > 0);
    N_STUDENTS as f64 / start.elapsed().as_secs_f64()
}

pub(crate) fn run() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(N_THREADS)
        .build()
        .expect("threads can be started");
    let all = templates().flat_map(|template| Level::ALL.map(|level| (template, level)));
    let measured = |(template, level): (&'static Template, Level)| {
        let name = format!("{} at level {}", template.name, level.number());
        (pool.install(|| rate(template, level)), name)
    };
    let mut rates: Vec<(f64, String)> = all.map(measured).collect();
    rates.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let what = format!("generate: a class of {N_STUDENTS}, {N_THREADS} threads");
    let n_slow = rates.iter().filter(|(rate, _)| *rate < 200.0).count();
    row(
        &format!("{what}, the median of {} templates and levels", rates.len()),
        &format!("{:.0} exercises/s", rates[rates.len() / 2].0),
    );
    row(
        &format!("{what}, below 200 exercises/s"),
        &format!("{n_slow} of {}", rates.len()),
    );
    let (rate, name) = &rates[0];
    row(
        &format!("{what}, `{name}`, the slowest"),
        &format!("{rate:.0} exercises/s"),
    );
}
