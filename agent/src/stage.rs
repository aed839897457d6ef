//! Where a run shows itself: lines and one live line below them, held back while nobody looks.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

use crate::terminal;

/// How many pieces of output are kept while nobody looks; what comes first is dropped first.
const MOST_HELD: usize = 2000;
/// How often the live line is drawn anew.
const TICK: Duration = Duration::from_millis(120);

/// Whether somebody looks at a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attention {
    /// Somebody does, and can be asked.
    Watched,
    /// Nobody does at the moment.
    Held,
    /// The terminal is gone: nobody ever will.
    Abandoned,
}

/// The place that a run shows itself on.
#[derive(Debug)]
pub struct Stage {
    bar: Mutex<ProgressBar>,
    held: Mutex<Held>,
    attention: watch::Sender<Attention>,
    asks: AtomicBool,
}

#[derive(Debug, Default)]
struct Held {
    pieces: VecDeque<String>,
    dropped: usize,
}

impl Held {
    fn add(&mut self, text: &str) {
        if self.pieces.len() == MOST_HELD {
            self.pieces.pop_front();
            self.dropped += 1;
        }
        self.pieces.push_back(text.to_owned());
    }

    /// All that was kept, with a mark where something is missing.
    fn take(&mut self) -> String {
        let mark = if std::mem::take(&mut self.dropped) > 0 { "  …\n" } else { "" };
        self.pieces.drain(..).fold(mark.to_owned(), |text, piece| text + &piece)
    }
}

impl Stage {
    /// A stage that is watched.
    pub fn new() -> Self {
        Self {
            bar: Mutex::new(bar(true, Duration::ZERO)),
            held: Mutex::default(),
            attention: watch::Sender::new(Attention::Watched),
            asks: AtomicBool::new(false),
        }
    }

    /// Whether somebody looks.
    pub fn attention(&self) -> Attention {
        *self.attention.borrow()
    }

    /// Whether the run waits for somebody to look, because it has a question.
    pub fn asks(&self) -> bool {
        self.asks.load(Ordering::Relaxed)
    }

    /// The live line as it is now.
    pub fn bar(&self) -> ProgressBar {
        lock(&self.bar).clone()
    }

    /// Shows the live line with this text, from now on by itself.
    pub fn live(&self, message: String) {
        let bar = self.bar();
        bar.set_prefix(message);
        bar.enable_steady_tick(TICK);
    }

    /// Prints lines above the live line, or keeps them while nobody looks.
    pub fn say(&self, text: &str) {
        let mut held = lock(&self.held);
        if self.attention() == Attention::Watched {
            return self.bar().suspend(|| terminal::out(text));
        }
        held.add(text);
    }

    /// Runs something that uses the terminal, such as a question, with the live line out of the way.
    pub fn pause<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar().suspend(work)
    }

    /// From now on everything is kept, and the live line is gone: the terminal belongs to something else.
    pub fn hold(&self) {
        self.swap_bar(false);
        let _held = lock(&self.held);
        self.turn(Attention::Held);
    }

    /// Shows what was kept, and from now on everything as it comes.
    pub fn release(&self) {
        let mut held = lock(&self.held);
        if self.attention() != Attention::Held {
            return;
        }
        terminal::out(&held.take());
        self.turn(Attention::Watched);
        drop(held);
        self.swap_bar(true);
    }

    /// Nobody will look any more.
    pub fn abandon(&self) {
        self.swap_bar(false);
        self.turn(Attention::Abandoned);
    }

    /// Waits until somebody looks; false when nobody ever will.
    pub async fn attended(&self) -> bool {
        let mut attention = self.attention.subscribe();
        self.asks.store(*attention.borrow() == Attention::Held, Ordering::Relaxed);
        let _guard = Unasked(&self.asks);
        // The sender lives as long as `self`, so waiting cannot fail.
        let found = attention.wait_for(|attention| *attention != Attention::Held).await;
        found.is_ok_and(|attention| *attention == Attention::Watched)
    }

    /// Takes the live line away for good.
    pub fn finish(&self) {
        self.bar().finish_and_clear();
    }

    fn turn(&self, to: Attention) {
        self.attention.send_modify(|attention| {
            if *attention != Attention::Abandoned {
                *attention = to;
            }
        });
    }

    /// Goes on with the live line where it can be seen, or where it cannot.
    fn swap_bar(&self, visible: bool) {
        let mut slot = lock(&self.bar);
        let next = bar(visible, slot.elapsed());
        next.set_message(slot.message());
        let (prefix, over) = (slot.prefix(), slot.is_finished());
        slot.finish_and_clear();
        if !prefix.is_empty() && !over {
            next.set_prefix(prefix);
            next.enable_steady_tick(TICK);
        }
        *slot = next;
    }
}

/// A question ends, answered or not.
struct Unasked<'a>(&'a AtomicBool);

impl Drop for Unasked<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bar(visible: bool, elapsed: Duration) -> ProgressBar {
    let seen = visible && terminal::is_live();
    let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target).with_elapsed(elapsed);
    if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {prefix} {elapsed:.dim}{msg}") {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_kept_in_order_the_last_of_much() {
        let stage = Stage::new();
        stage.hold();
        stage.say("one\n");
        stage.say("two\n");
        assert_eq!(lock(&stage.held).take(), "one\ntwo\n");
        (0..=MOST_HELD).for_each(|line| stage.say(&format!("{line}\n")));
        let shown = lock(&stage.held).take();
        assert!(shown.starts_with("  …\n1\n") && shown.ends_with(&format!("{MOST_HELD}\n")), "{shown}");
        assert_eq!(lock(&stage.held).take(), "");
    }

    #[tokio::test]
    async fn a_question_waits_for_somebody_and_not_for_nobody() {
        let stage = std::sync::Arc::new(Stage::new());
        assert!(stage.attended().await);
        stage.hold();
        let other = std::sync::Arc::clone(&stage);
        let waiting = tokio::spawn(async move { other.attended().await });
        while !stage.asks() {
            tokio::task::yield_now().await;
        }
        stage.abandon();
        assert!(!waiting.await.expect("it ends") && !stage.asks());
        stage.release();
        assert_eq!(stage.attention(), Attention::Abandoned);
    }
}
