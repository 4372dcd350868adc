//! Exercises: numbers for a network, drawn from a seed, that make a good one.

use sha2::{Digest, Sha256};

use super::blueprint::{Blueprint, Choices};
use super::error::OwnError;
use super::inseparable::Inseparable;
use super::own::Own;
use super::search::Search;
use super::separation::{Blur, blurs};
use super::template::{Level, Template};
use super::trial::Trial;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::{Hypothesis, conceivable, singles};
use crate::scenario::Scenario;
use crate::tensor::TensorId;

/// How many exercises are looked at to learn what none of a template can tell apart.
const N_SURVEYED: usize = 12;

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
/// # Ok::<(), backstep::exercise::OwnError>(())
/// ```
#[derive(Debug)]
pub struct Generator {
    source: String,
    level: Option<Level>,
    /// What a seed is made of before the words that are given for it.
    words: Vec<String>,
    blueprint: Box<dyn Blueprint>,
    choices: Vec<Choices>,
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
        let mut search = self.search(self.seed(&["survey"]), cancel);
        let survey = |_| {
            let draw = search.without_flaws()?;
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
    /// It was given up, or the numbers make no file that can be read.
    pub fn exercise(&self, seed: Seed, cancel: &Cancel) -> Result<Exercise, OwnError> {
        let search = self.search(seed, cancel);
        let best = search.telling_apart(&self.slips, &self.always).best()?;
        let (json, scenario) = self.blueprint.exercise(&best.numbers)?;
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

    fn search<'a>(&'a self, seed: Seed, cancel: &'a Cancel) -> Search<'a> {
        Search::new(&*self.blueprint, &self.choices, seed.0, cancel)
    }

    /// What the asked numbers of an exercise do not tell apart.
    fn blurs(&self, backprop: &Backprop, cancel: &Cancel) -> Result<Vec<Blur>, Cancelled> {
        let asked = self.blueprint.asked();
        let of = |&tensor: &TensorId| blurs(backprop, tensor, asked.part(tensor), cancel);
        let blurs = asked.tensors().iter().map(of);
        Ok(blurs.collect::<Result<Vec<_>, _>>()?.concat())
    }
}
