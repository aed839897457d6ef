//! Ceilings of one command: tokens, time, money.

use std::time::Duration;

use super::error::LlmError;
use super::provider::Price;
use super::settings::Limits;

/// Bytes that make a token, at the least; real texts have about four.
const BYTES_PER_TOKEN: u64 = 3;
/// An answer that may be shorter than this is not worth asking for.
const SHORTEST_ANSWER: u64 = 64;
const MILLION: f64 = 1_000_000.0;

/// What a command has used so far.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    price: Option<Price>,
    tokens: u64,
    cost: f64,
    waited: Duration,
}

impl Budget {
    /// Nothing used yet.
    pub fn new(limits: Limits, price: Option<Price>) -> Self {
        Self { limits, price, tokens: 0, cost: 0.0, waited: Duration::ZERO }
    }

    /// How long an answer to a prompt of so many bytes may be, in tokens; at most `wanted`.
    ///
    /// # Errors
    /// When a ceiling would be broken.
    pub fn grant(&self, prompt_bytes: usize, wanted: u64) -> Result<u64, LlmError> {
        let sent = prompt_bytes as u64 / BYTES_PER_TOKEN;
        let left = self.limits.tokens.saturating_sub(self.tokens + sent);
        if left < SHORTEST_ANSWER.min(wanted) {
            return Err(ceiling(format!("{} tokens (--llm-max-tokens)", self.limits.tokens)));
        }
        let granted = wanted.min(left);
        let most = self.price.map_or(0.0, |price| cost(price, sent, granted));
        if self.cost + most > self.limits.cost {
            return Err(ceiling(format!("{} USD (--llm-max-cost)", self.limits.cost)));
        }
        Ok(granted)
    }

    /// Counts an exchange: as the server told it, else by the bytes.
    pub fn count(&mut self, usage: Option<(u64, u64)>, sent: usize, received: usize) {
        let estimate = |bytes: usize| bytes as u64 / BYTES_PER_TOKEN + 1;
        let (sent, received) = usage.unwrap_or((estimate(sent), estimate(received)));
        self.tokens = self.tokens.saturating_add(sent).saturating_add(received);
        self.cost += self.price.map_or(0.0, |price| cost(price, sent, received));
    }

    /// Counts time spent waiting.
    pub fn wait(&mut self, time: Duration) {
        self.waited = self.waited.saturating_add(time);
    }

    /// How much more time may be spent waiting.
    ///
    /// # Errors
    /// When none.
    pub fn time_left(&self) -> Result<Duration, LlmError> {
        let left = self.limits.time.saturating_sub(self.waited);
        if left.is_zero() { Err(self.late()) } else { Ok(left) }
    }

    /// The error that says that the time is up.
    pub fn late(&self) -> LlmError {
        LlmError::Late { seconds: self.limits.time.as_secs() }
    }

    /// Tokens used, and US dollars where the price is known.
    pub fn used(&self) -> (u64, Option<f64>) {
        (self.tokens, self.price.map(|_| self.cost))
    }
}

fn ceiling(what: String) -> LlmError {
    LlmError::Ceiling { what }
}

fn cost(price: Price, sent: u64, received: u64) -> f64 {
    (price.input * sent as f64 + price.output * received as f64) / MILLION
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(tokens: u64, cost: f64) -> Budget {
        let limits = Limits { tokens, cost, ..Limits::default() };
        Budget::new(limits, Some(Price { input: 1000.0, output: 2000.0 }))
    }

    #[test]
    fn an_answer_is_cut_to_what_is_left_and_refused_when_that_is_too_little() {
        let mut budget = budget(1000, 100.0);
        assert_eq!(budget.grant(300, 500).unwrap(), 500);
        budget.count(Some((100, 450)), 300, 0);
        assert_eq!(budget.grant(300, 500).unwrap(), 350);
        budget.count(Some((100, 300)), 300, 0);
        assert!(
            matches!(budget.grant(3, 500), Err(LlmError::Ceiling { what }) if what.contains("1000 tokens"))
        );
    }

    #[test]
    fn money_is_counted_before_it_is_spent() {
        let mut budget = budget(10_000, 1.0);
        assert!(budget.grant(300, 400).is_ok(), "0.1 + 0.8");
        assert!(matches!(budget.grant(300, 500), Err(LlmError::Ceiling { what }) if what.contains("USD")));
        budget.count(Some((100, 100)), 0, 0);
        assert_eq!(budget.used(), (200, Some(0.3)));
        assert!(budget.grant(300, 400).is_err(), "0.3 are gone");
    }

    #[test]
    fn a_server_that_counts_nothing_is_counted_by_bytes() {
        let mut budget = Budget::new(Limits::default(), None);
        budget.count(None, 300, 30);
        assert_eq!(budget.used(), (112, None));
    }

    #[test]
    fn without_time_nothing_is_asked() {
        let limits = Limits { time: Duration::ZERO, ..Limits::default() };
        assert!(matches!(Budget::new(limits, None).time_left(), Err(LlmError::Late { seconds: 0 })));
    }
}
