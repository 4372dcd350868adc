//! The search for numbers that make a good exercise.

use std::borrow::Cow;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::blueprint::Blueprint;
use super::flaws::flaws;
use super::inseparable::Inseparable;
use super::own::{Own, OwnError};
use super::separation::{Blur, blurs, blurs_of};
use super::template::{Level, Template};
use super::trial::Trial;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::{Hypothesis, conceivable, singles};
use crate::scenario::{NoFiles, Options, Scenario};
use crate::tensor::TensorId;

/// How many exercises are looked at to learn what none of a template can tell apart.
const N_SURVEYED: usize = 12;
/// How often the search begins anew, at most, and how many numbers it changes each time, at most.
const N_STARTS: usize = 6;
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
    source: String,
    level: Option<Level>,
    /// What a seed is made of before the words that are given for it.
    words: Vec<String>,
    blueprint: Box<dyn Blueprint>,
    choices: Vec<Cow<'static, [f64]>>,
    always: Vec<Blur>,
    /// By asked tensor: the slips that have something to do in any of the exercises looked at.
    slips: Vec<(TensorId, Vec<Hypothesis>)>,
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

/// What is wrong with numbers, the less the better: how many flaws they have, and how much they do
/// not tell apart that others could.
type Rank = (usize, usize);

/// Numbers for a plan, and what is wrong with them.
struct Draw {
    numbers: Vec<f64>,
    rank: Rank,
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
        let words = [
            "backstep exercise 1",
            template.name,
            &level.number().to_string(),
        ];
        let generator = Self {
            source: template.name.to_owned(),
            level: Some(level),
            words: words.map(str::to_owned).into(),
            ..Self::of(Box::new(Trial::of(template, level)))
        };
        generator.surveyed(cancel)
    }

    /// Looks at a few exercises that are like a scenario of somebody's own, to learn what none of
    /// them can tell apart.
    ///
    /// # Errors
    /// Why nothing can be drawn of it.
    pub fn of_own(scenario: Scenario, cancel: &Cancel) -> Result<Self, OwnError> {
        let sha256 = scenario.sha256();
        let generator = Self {
            source: scenario.title.clone(),
            words: vec!["backstep exercise of my own 1".to_owned(), sha256],
            ..Self::of(Box::new(Own::of(scenario)?))
        };
        Ok(generator.surveyed(cancel)?)
    }

    fn of(blueprint: Box<dyn Blueprint>) -> Self {
        Self {
            source: String::new(),
            level: None,
            words: Vec::new(),
            choices: blueprint.choices(),
            blueprint,
            always: Vec::new(),
            slips: Vec::new(),
        }
    }

    fn surveyed(mut self, cancel: &Cancel) -> Result<Self, Cancelled> {
        let mut random = ChaCha8Rng::from_seed(self.seed(&["survey"]).0);
        let survey = |_| {
            let draw = self.climbed(&mut random, Self::without_flaws, cancel)?;
            Ok(self.blueprint.backprop(&draw.numbers))
        };
        let surveyed: Vec<Backprop> = (0..N_SURVEYED).map(survey).collect::<Result<_, _>>()?;
        let mut always = self.blurs(&surveyed[0], cancel)?;
        for backprop in &surveyed[1..] {
            let blurs = self.blurs(backprop, cancel)?;
            always
                .retain(|blur| blurs.contains(blur) || blurs.iter().any(|other| other.hides(blur)));
        }
        let slips = |&tensor: &TensorId| {
            let applying = surveyed.iter().map(|it| singles(it, tensor, None, cancel));
            let applying: Vec<Hypothesis> = applying.collect::<Result<Vec<_>, _>>()?.concat();
            let mut slips = conceivable(&surveyed[0], tensor);
            slips.retain(|slip| applying.contains(slip));
            Ok((tensor, slips))
        };
        let asked = self.blueprint.asked().tensors().iter();
        self.slips = asked.map(slips).collect::<Result<_, _>>()?;
        self.always = always;
        Ok(self)
    }

    /// The name of the template, or the title of the scenario, that exercises are drawn of.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The level, where they are drawn of a template.
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    /// The seed of these words for what exercises are drawn of.
    pub fn seed(&self, words: &[&str]) -> Seed {
        let own = self.words.iter().map(String::as_str);
        Seed::of(&own.chain(words.iter().copied()).collect::<Vec<_>>())
    }

    /// Makes the exercise of a seed: the first numbers without a flaw that tell all slips apart
    /// that can be, or the best of many.
    ///
    /// # Errors
    /// It was given up.
    pub fn exercise(&self, seed: Seed, cancel: &Cancel) -> Result<Exercise, Cancelled> {
        let mut random = ChaCha8Rng::from_seed(seed.0);
        let mut best = self.climbed(&mut random, Self::rank, cancel)?;
        for _ in 1..N_STARTS {
            if best.rank == (0, 0) {
                break;
            }
            let other = self.climbed(&mut random, Self::rank, cancel)?;
            if other.rank < best.rank {
                best = other;
            }
        }
        let json = self.blueprint.json(&best.numbers);
        let scenario = read(&json);
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        let backprop = backprop.stepping(scenario.stepped());
        let blurs = self.blurs(&backprop, cancel)?;
        let inseparable = Inseparable::of(backprop.network(), &blurs, &self.always);
        Ok(Exercise {
            json,
            scenario,
            backprop,
            inseparable,
        })
    }

    /// Draws numbers and changes them one by one, as long as it does not make them worse. The rank
    /// of numbers is asked for where it is at most as bad as another.
    fn climbed(
        &self,
        random: &mut ChaCha8Rng,
        rank: impl Fn(&Self, &[f64], Rank, &Cancel) -> Result<Option<Rank>, Cancelled>,
        cancel: &Cancel,
    ) -> Result<Draw, Cancelled> {
        let choices = self.choices.iter();
        let mut numbers: Vec<f64> = choices
            .map(|choices| choices[below(random, choices.len())])
            .collect();
        let worst = (usize::MAX, usize::MAX);
        let mut best = rank(self, &numbers, worst, cancel)?.unwrap_or(worst);
        for _ in 0..N_CHANGES {
            if best == (0, 0) {
                break;
            }
            cancel.check()?;
            let at = below(random, self.choices.len());
            let choices = &self.choices[at];
            let before = numbers[at];
            numbers[at] = choices[below(random, choices.len())];
            if numbers[at] == before {
                continue;
            }
            match rank(self, &numbers, best, cancel)? {
                Some(rank) => best = rank,
                None => numbers[at] = before,
            }
        }
        Ok(Draw {
            numbers,
            rank: best,
        })
    }

    /// The rank of numbers of which only the flaws count.
    fn without_flaws(
        &self,
        numbers: &[f64],
        most: Rank,
        _: &Cancel,
    ) -> Result<Option<Rank>, Cancelled> {
        let n_flaws = self.n_flaws(&self.blueprint.backprop(numbers));
        Ok(Some((n_flaws, 0)).filter(|rank| *rank <= most))
    }

    /// The rank of numbers, unless it is worse than `most`. What takes long to find out comes last,
    /// and slips that have hardly ever something to do are passed over.
    fn rank(
        &self,
        numbers: &[f64],
        most: Rank,
        cancel: &Cancel,
    ) -> Result<Option<Rank>, Cancelled> {
        let backprop = self.blueprint.backprop(numbers);
        let mut rank = (self.n_flaws(&backprop), 0);
        for (tensor, slips) in &self.slips {
            if rank > most {
                return Ok(None);
            }
            let part = self.blueprint.asked().part(*tensor);
            let blurs = blurs_of(slips, &backprop, *tensor, part, cancel)?;
            let avoidable = blurs.iter().filter(|blur| !self.always.contains(blur));
            rank.1 += avoidable.count();
        }
        Ok(Some(rank).filter(|rank| *rank <= most))
    }

    fn n_flaws(&self, backprop: &Backprop) -> usize {
        flaws(self.blueprint.demands(), backprop, self.blueprint.asked())
    }

    /// What the asked numbers of an exercise do not tell apart.
    fn blurs(&self, backprop: &Backprop, cancel: &Cancel) -> Result<Vec<Blur>, Cancelled> {
        let asked = self.blueprint.asked();
        let of = |&tensor: &TensorId| blurs(backprop, tensor, asked.part(tensor), cancel);
        let blurs = asked.tensors().iter().map(of);
        Ok(blurs.collect::<Result<Vec<_>, _>>()?.concat())
    }
}

fn read(json: &str) -> Scenario {
    let (name, options) = ("exercise.json", Options::default());
    Scenario::read(name, json.as_bytes(), &NoFiles, options)
        .expect("other numbers change nothing in what makes it a scenario")
}

/// A number below `n`, which is far smaller than what the remainder would favour. It is written out
/// here because what a library makes of random bits may change with its versions, and an exercise
/// must not.
fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    random.next_u32() as usize % n
}
