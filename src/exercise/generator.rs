//! The search for numbers that make a good exercise.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::flaws::flaws;
use super::inseparable::Inseparable;
use super::plan::Plan;
use super::separation::{Blur, blurs};
use super::template::{Level, Template};
use super::trial::Trial;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::scenario::{NoFiles, Options, Scenario};

/// How many exercises are looked at to learn what none of a template can tell apart.
const N_SURVEYED: usize = 12;
/// How often the search begins anew, at most, and how many numbers it changes each time, at most.
const N_STARTS: usize = 12;
const N_CHANGES: usize = 250;

/// What an exercise is drawn from. The same seed gives the same exercise on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The seed of these words, whose order matters.
    pub fn of(words: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for word in words {
            digest.update((word.len() as u64).to_le_bytes());
            digest.update(word);
        }
        Self(digest.finalize().into())
    }
}

/// A template at a level, and what no numbers of it can tell apart.
///
/// ```
/// use backstep::cancel::Cancel;
/// use backstep::exercise::{Generator, Level, template};
///
/// let template = template("pool-to-fc").unwrap();
/// let generator = Generator::new(template, Level::Two, &Cancel::default())?;
/// let exercise = |student| generator.exercise(generator.seed(&[student]), &Cancel::default());
/// let [ada, alan] = [exercise("ada")?, exercise("alan")?];
/// assert_ne!(ada.json, alan.json);
/// assert_eq!(ada.json, exercise("ada")?.json);
/// # Ok::<(), backstep::cancel::Cancelled>(())
/// ```
#[derive(Debug)]
pub struct Generator {
    template: &'static Template,
    level: Level,
    plan: Plan,
    trial: Trial,
    choices: Vec<&'static [f64]>,
    always: Vec<Blur>,
}

/// A fresh exercise.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// The scenario's file.
    pub json: String,
    /// The scenario.
    pub scenario: Scenario,
    /// Its backward run.
    pub backprop: Backprop,
    /// The slips that its numbers do not tell apart.
    pub inseparable: Vec<Inseparable>,
}

/// Numbers for a plan, and what is wrong with them.
struct Draw {
    numbers: Vec<f64>,
    n_flaws: usize,
    blurs: Vec<Blur>,
}

impl Generator {
    /// Looks at a few exercises of a template, to learn what none of them can tell apart.
    ///
    /// # Errors
    /// It was given up.
    pub fn new(
        template: &'static Template,
        level: Level,
        cancel: &Cancel,
    ) -> Result<Self, Cancelled> {
        let plan = (template.plan)(level);
        let mut generator = Self {
            template,
            level,
            choices: plan.choices(),
            trial: Trial::of(&plan),
            plan,
            always: Vec::new(),
        };
        let mut random = ChaCha8Rng::from_seed(generator.seed(&["survey"]).0);
        let mut survey = || {
            let draw = generator.climbed(&mut random, |draw| (draw.n_flaws, 0), cancel)?;
            Ok(draw.blurs)
        };
        let first = survey()?;
        generator.always = (1..N_SURVEYED).try_fold(first, |mut always, _| {
            let blurs = survey()?;
            always
                .retain(|blur| blurs.contains(blur) || blurs.iter().any(|other| other.hides(blur)));
            Ok(always)
        })?;
        Ok(generator)
    }

    /// The template.
    pub fn template(&self) -> &'static Template {
        self.template
    }

    /// The level.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The seed of these words for this template and level.
    pub fn seed(&self, words: &[&str]) -> Seed {
        let level = self.level.number().to_string();
        let own = ["backstep exercise 1", self.template.name, &level];
        Seed::of(
            &own.into_iter()
                .chain(words.iter().copied())
                .collect::<Vec<_>>(),
        )
    }

    /// Makes the exercise of a seed: the first numbers without a flaw that tell all slips apart
    /// that can be, or the best of many.
    ///
    /// # Errors
    /// It was given up.
    pub fn exercise(&self, seed: Seed, cancel: &Cancel) -> Result<Exercise, Cancelled> {
        let mut random = ChaCha8Rng::from_seed(seed.0);
        let rank = |draw: &Draw| (draw.n_flaws, self.avoidable(&draw.blurs).count());
        let mut best = self.climbed(&mut random, rank, cancel)?;
        for _ in 1..N_STARTS {
            if rank(&best) == (0, 0) {
                break;
            }
            let other = self.climbed(&mut random, rank, cancel)?;
            if rank(&other) < rank(&best) {
                best = other;
            }
        }
        let Template {
            title, description, ..
        } = self.template;
        let json = self.plan.json(title, description, &best.numbers);
        let scenario = read(&json);
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        let inseparable = Inseparable::of(backprop.network(), &best.blurs, &self.always);
        Ok(Exercise {
            json,
            scenario,
            backprop,
            inseparable,
        })
    }

    /// The blurs that other numbers could clear up.
    fn avoidable<'a>(&'a self, blurs: &'a [Blur]) -> impl Iterator<Item = &'a Blur> {
        blurs.iter().filter(|blur| !self.always.contains(blur))
    }

    /// Draws numbers and changes them one by one, as long as it does not make them worse.
    fn climbed(
        &self,
        random: &mut ChaCha8Rng,
        rank: impl Fn(&Draw) -> (usize, usize),
        cancel: &Cancel,
    ) -> Result<Draw, Cancelled> {
        let numbers = self
            .choices
            .iter()
            .map(|choices| choices[below(random, choices.len())])
            .collect();
        let mut draw = self.draw(numbers, cancel)?;
        for _ in 0..N_CHANGES {
            if rank(&draw) == (0, 0) {
                break;
            }
            cancel.check()?;
            let at = below(random, self.choices.len());
            let choices = self.choices[at];
            let number = choices[below(random, choices.len())];
            if number == draw.numbers[at] {
                continue;
            }
            let mut numbers = draw.numbers.clone();
            numbers[at] = number;
            let other = self.draw(numbers, cancel)?;
            if rank(&other) <= rank(&draw) {
                draw = other;
            }
        }
        Ok(draw)
    }

    fn draw(&self, numbers: Vec<f64>, cancel: &Cancel) -> Result<Draw, Cancelled> {
        let backprop = self.trial.backprop(self.plan.tensors(&numbers));
        let asked = self.trial.asked();
        Ok(Draw {
            n_flaws: flaws(self.template, &backprop, asked, cancel)?,
            blurs: blurs(&backprop, asked, cancel)?,
            numbers,
        })
    }
}

fn read(json: &str) -> Scenario {
    let (name, options) = ("exercise.json", Options::default());
    Scenario::read(name, json.as_bytes(), &NoFiles, options)
        .expect("the numbers of a template change nothing in what makes it a scenario")
}

/// A number below `n`, which is far smaller than what the remainder would favour. It is written out
/// here because what a library makes of random bits may change with its versions, and an exercise
/// must not.
fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    random.next_u32() as usize % n
}
