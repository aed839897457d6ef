//! How long to wait before the stacks are looked at again: closely while something happens, rarely when the service
//! asks for it.

use std::time::Duration;

/// The shortest wait, while events come in.
const SHORTEST: Duration = Duration::from_millis(1000);
/// The longest wait while nothing happens.
const QUIET: Duration = Duration::from_secs(5);
/// The longest wait after being throttled, or while nothing answers.
const LONGEST: Duration = Duration::from_secs(30);

/// What a look at the stacks brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// New events.
    News,
    /// None.
    Nothing,
    /// The service refused it as too much, or did not answer.
    Refused,
}

/// The waits so far.
#[derive(Debug, Clone)]
pub(crate) struct Pace(Duration);

impl Pace {
    pub(crate) fn new() -> Self {
        Self(SHORTEST)
    }

    /// The next wait.
    pub(crate) fn after(&mut self, look: Look) -> Duration {
        self.0 = match look {
            // Not at once back to the shortest: whoever was throttled comes back slowly.
            Look::News => (self.0 / 2).max(SHORTEST),
            Look::Nothing if self.0 > QUIET => self.0 * 3 / 4,
            Look::Nothing => (self.0 + self.0 / 4).min(QUIET),
            Look::Refused => (self.0 * 2).min(LONGEST),
        };
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(looks: &[Look]) -> Vec<f64> {
        let mut pace = Pace::new();
        looks.iter().map(|look| pace.after(*look).as_secs_f64()).collect()
    }

    #[test]
    fn throttling_doubles_the_wait_up_to_a_bound() {
        assert_eq!(waits(&[Look::Refused; 7]), [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
    }

    #[test]
    fn quiet_slows_down_and_news_speed_up_again() {
        let waits = waits(&[Look::Nothing, Look::Nothing, Look::News, Look::News]);
        assert!(waits[0] < waits[1] && waits[2] < waits[1] && waits[3] == 1.0, "{waits:?}");
    }

    #[test]
    fn after_throttling_the_pace_comes_back_in_steps() {
        let waits =
            waits(&[Look::Refused, Look::Refused, Look::Refused, Look::Refused, Look::News, Look::News]);
        assert_eq!(waits[4..], [8.0, 4.0]);
    }
}
