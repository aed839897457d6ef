//! One limiter for all regions: requests go out one after another while AWS asks for patience, at will otherwise.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The gap after the first throttled request.
const FIRST: Duration = Duration::from_millis(100);
/// The longest gap.
const LONGEST: Duration = Duration::from_secs(5);

/// Hands out turns: no gap between them until something is throttled, then a gap that grows with each throttled
/// request and shrinks with each answered one.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    gap: Duration,
    next: Option<Instant>,
}

impl Pace {
    /// Waits until the next request may go out.
    pub(super) async fn turn(&self) {
        let at = self.reserve(Instant::now());
        sleep_until(at).await;
    }

    fn reserve(&self, now: Instant) -> Instant {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = state.next.map_or(now, |next| next.max(now));
        state.next = Some(at + state.gap);
        at
    }

    /// A request was throttled.
    pub(super) fn slower(&self) {
        self.change(|gap| (gap * 2).clamp(FIRST, LONGEST));
    }

    /// A request was answered.
    pub(super) fn faster(&self) {
        self.change(|gap| if gap < FIRST { Duration::ZERO } else { gap.mul_f64(0.8) });
    }

    fn change(&self, gap: impl FnOnce(Duration) -> Duration) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.gap = gap(state.gap);
        if !state.gap.is_zero() {
            let earliest = Instant::now() + state.gap;
            state.next = Some(state.next.map_or(earliest, |next| next.max(earliest)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_gap_before_anything_is_throttled() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert_eq!((pace.reserve(now), pace.reserve(now)), (now, now));
    }

    #[test]
    fn a_throttled_request_spaces_the_next_ones_and_answers_close_the_gap_again() {
        let (pace, now) = (Pace::default(), Instant::now());
        pace.slower();
        let (first, second) = (pace.reserve(now), pace.reserve(now));
        assert!(first >= now + FIRST && second >= first + FIRST);
        (0..10).for_each(|_| pace.faster());
        let later = pace.reserve(now);
        assert_eq!(pace.reserve(now), later);
    }
}
