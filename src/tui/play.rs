//! Playing: one step after the other, at a pace.

use std::time::Duration;

/// The paces in milliseconds a step, the slowest first.
const PACES: [u64; 7] = [4000, 2000, 1000, 500, 250, 125, 50];

/// Whether steps follow each other by themselves, and how fast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Play {
    /// A place in [`PACES`].
    pace: usize,
    motion: Motion,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Motion {
    Still,
    Playing,
}

impl Default for Play {
    fn default() -> Self {
        Self {
            pace: 2,
            motion: Motion::Still,
        }
    }
}

impl Play {
    pub(super) fn is_playing(&self) -> bool {
        self.motion == Motion::Playing
    }

    pub(super) fn toggle(&mut self) {
        self.motion = if self.is_playing() {
            Motion::Still
        } else {
            Motion::Playing
        };
    }

    pub(super) fn stop(&mut self) {
        self.motion = Motion::Still;
    }

    pub(super) fn faster(&mut self) {
        self.pace = (self.pace + 1).min(PACES.len() - 1);
    }

    pub(super) fn slower(&mut self) {
        self.pace = self.pace.saturating_sub(1);
    }

    /// How long a step stays; nothing while nothing plays.
    pub(super) fn interval(&self) -> Option<Duration> {
        self.is_playing()
            .then(|| Duration::from_millis(PACES[self.pace]))
    }

    /// The pace in words.
    pub(super) fn pace(&self) -> String {
        match PACES[self.pace] {
            1000 => "1 step a second".to_owned(),
            slow @ 1000.. => format!("a step every {} seconds", slow / 1000),
            fast => format!("{} steps a second", 1000 / fast),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_has_a_slowest_and_a_fastest() {
        let mut play = Play::default();
        let mut paces = Vec::new();
        (0..9).for_each(|_| play.slower());
        for _ in 0..8 {
            paces.push(play.pace());
            play.faster();
        }
        assert_eq!(
            paces[..4],
            [
                "a step every 4 seconds",
                "a step every 2 seconds",
                "1 step a second",
                "2 steps a second"
            ]
        );
        assert_eq!(paces[6..], ["20 steps a second", "20 steps a second"]);
    }

    #[test]
    fn nothing_is_waited_for_while_nothing_plays() {
        let mut play = Play::default();
        assert_eq!(play.interval(), None);
        play.toggle();
        assert_eq!(play.interval(), Some(Duration::from_secs(1)));
        play.toggle();
        assert_eq!(play.interval(), None);
    }
}
