//! The plan that grows over turns: goals and flags laid over one another, and the way back.

use std::collections::BTreeMap;

use provision_planner::Catalog;
use provision_planner::goal::{Goal, Span};
use provision_planner::plan::{InputChange, Plan, diff};

use crate::cli::{Cli, Invocation};
use crate::commands::provision;
use crate::config::Config;
use crate::error::CommandError;

/// What has been asked for so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// What the texts state.
    pub goal: Goal,
    /// Inputs that were set by name.
    pub flags: BTreeMap<String, String>,
    /// Whether the plan takes the deployment down.
    pub teardown: bool,
}

/// The wishes with the steps that led to them.
#[derive(Debug, Default)]
pub struct Workspace {
    wishes: Wishes,
    before: Vec<(Wishes, String)>,
    /// The plan of the present wishes, without checks of this machine.
    pub plan: Option<Plan>,
}

/// What a turn changed.
#[derive(Debug)]
pub struct Turn {
    /// The plan before it; none for the first.
    pub before: Option<Plan>,
    /// The plan after it.
    pub after: Plan,
}

impl Turn {
    /// The inputs whose values differ.
    pub fn changes(&self) -> Vec<InputChange> {
        self.before.as_ref().map(|before| diff(before, &self.after)).unwrap_or_default()
    }
}

impl Wishes {
    /// Whether nothing has been asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These wishes with what a text states laid over them: the latest word on a slot counts.
    fn with_goal(&self, goal: Goal) -> Self {
        let mut next = self.clone();
        for slot in goal.slots.keys() {
            next.flags.remove(slot);
        }
        next.goal = joined(&self.goal, goal);
        next
    }

    fn with_flags(&self, flags: &BTreeMap<String, String>) -> Self {
        let mut next = self.clone();
        for name in flags.keys() {
            next.goal.slots.remove(name);
            next.goal.unresolved.retain(|choice| choice.slot != *name);
        }
        next.flags.extend(flags.clone());
        next
    }

    fn without(&self, name: &str) -> Self {
        let mut next = self.clone();
        next.flags.remove(name);
        next.goal.slots.remove(name);
        next
    }
}

/// A goal laid over an earlier one. The texts stand one below the other, and every span still points at its words.
fn joined(before: &Goal, after: Goal) -> Goal {
    let mut text = before.text.clone().unwrap_or_default();
    if !text.is_empty() {
        text.push('\n');
    }
    let moved = |span: Span| Span { start: span.start + text.len(), end: span.end + text.len() };
    let mut goal = Goal { warnings: after.warnings, unresolved: after.unresolved, ..before.clone() };
    goal.ignored = after
        .ignored
        .into_iter()
        .map(|ignored| provision_planner::goal::Ignored { span: moved(ignored.span), ..ignored })
        .collect();
    for (name, mut slot) in after.slots {
        slot.span = slot.span.map(moved);
        goal.slots.insert(name, slot);
    }
    for choice in &before.unresolved {
        let open = !goal.slots.contains_key(&choice.slot);
        if open && goal.unresolved.iter().all(|new| new.slot != choice.slot) {
            goal.unresolved.push(choice.clone());
        }
    }
    goal.text = Some(text + after.text.as_deref().unwrap_or_default());
    goal
}

impl Workspace {
    /// What has been asked for so far.
    #[cfg(test)]
    pub fn wishes(&self) -> &Wishes {
        &self.wishes
    }

    /// The command line that stands for the wishes, with other flags of the tool's own.
    pub fn invocation(&self, mut cli: Cli) -> Invocation {
        cli.teardown |= self.wishes.teardown;
        Invocation { cli, inputs: self.wishes.flags.clone(), goal: Some(self.wishes.goal.clone()) }
    }

    /// Takes a goal and flags as one turn. Nothing changes when the planner refuses them.
    ///
    /// # Errors
    /// What the planner refuses.
    pub fn take(
        &mut self,
        what: &str,
        goal: Option<Goal>,
        invocation: &Invocation,
        surroundings: (&Catalog, &Config),
    ) -> Result<Turn, CommandError> {
        let mut next = self.wishes.clone();
        if let Some(goal) = goal {
            next = next.with_goal(goal);
        }
        // A change of the target is no mistake in what was said before; a wrong flag beside it is one.
        let mut next = settled(next.with_flags(&invocation.inputs), surroundings.0);
        next.flags.extend(invocation.inputs.clone());
        next.teardown |= invocation.cli.teardown;
        self.turn(what, next, surroundings)
    }

    /// Takes back what was said about an input.
    ///
    /// # Errors
    /// What the planner refuses.
    pub fn unset(&mut self, name: &str, surroundings: (&Catalog, &Config)) -> Result<Turn, CommandError> {
        self.turn(&format!("/unset {name}"), self.wishes.without(name), surroundings)
    }

    fn turn(
        &mut self,
        what: &str,
        next: Wishes,
        (catalog, config): (&Catalog, &Config),
    ) -> Result<Turn, CommandError> {
        let after = draft(&next, catalog, config)?;
        let before = self.plan.replace(after.clone());
        if next != self.wishes {
            let old = std::mem::replace(&mut self.wishes, next);
            self.before.push((old, what.to_owned()));
        }
        Ok(Turn { before, after })
    }

    /// Goes back by one turn and says which one that was; nothing when there is none.
    ///
    /// # Errors
    /// What the planner refuses.
    pub fn undo(&mut self, (catalog, config): (&Catalog, &Config)) -> Result<Option<String>, CommandError> {
        let Some((wishes, what)) = self.before.pop() else { return Ok(None) };
        self.plan = if wishes.is_empty() { None } else { Some(draft(&wishes, catalog, config)?) };
        self.wishes = wishes;
        Ok(Some(what))
    }

    /// Starts afresh; `/undo` still leads back.
    pub fn clear(&mut self) {
        let old = std::mem::take(&mut self.wishes);
        if !old.is_empty() {
            self.before.push((old, "/new".to_owned()));
        }
        self.plan = None;
    }
}

/// The wishes without what the target that they name does not take.
fn settled(mut wishes: Wishes, catalog: &Catalog) -> Wishes {
    let stated = wishes.flags.get("target").cloned();
    let stated = stated.or_else(|| Some(wishes.goal.slots.get("target")?.value.as_str()?.to_owned()));
    if let Some(target) = stated.and_then(|id| catalog.target(&id)) {
        let taken = |name: &String| {
            matches!(name.as_str(), "target" | "action")
                || catalog.input(name).is_none_or(|input| catalog.takes(target, input))
        };
        wishes.flags.retain(|name, _| taken(name));
        wishes.goal.slots.retain(|name, _| taken(name));
    }
    wishes
}

/// The plan of some wishes. Only files of this machine are looked at; no tool runs and nothing crosses the network.
fn draft(wishes: &Wishes, catalog: &Catalog, config: &Config) -> Result<Plan, CommandError> {
    let mut invocation =
        crate::cli::parse(["provision".into()], catalog).map_err(|e| crate::cli::usage_error(&e))?;
    invocation.cli.teardown = wishes.teardown;
    invocation.inputs.clone_from(&wishes.flags);
    invocation.goal = Some(wishes.goal.clone());
    let request = provision::request(&invocation, catalog, config)?;
    Ok(provision_planner::build(catalog, request)?.plan)
}

#[cfg(test)]
mod tests {
    use provision_planner::goal::parse;

    use super::*;

    fn grown(texts: &[&str]) -> Workspace {
        let (catalog, config) = (Catalog::builtin().expect("the catalog"), Config::default());
        let invocation = crate::cli::parse(["provision".into()], &catalog).expect("a command line");
        let mut workspace = Workspace::default();
        for text in texts {
            workspace.take(text, Some(parse(text)), &invocation, (&catalog, &config)).expect("planned");
        }
        workspace
    }

    fn value(workspace: &Workspace, name: &str) -> String {
        let plan = workspace.plan.as_ref().expect("a plan");
        plan.inputs.iter().find(|input| input.name == name).map_or_else(String::new, |i| i.value.to_string())
    }

    #[test]
    fn the_latest_word_on_a_slot_counts_and_every_span_still_points_at_its_words() {
        let workspace =
            grown(&["deploy to EKS in us-east-1 with email", "make it public", "actually eu-west-1"]);
        assert_eq!(value(&workspace, "region"), "\"eu-west-1\"");
        assert_eq!(value(&workspace, "deploy_mode"), "\"public\"");
        assert_eq!(value(&workspace, "email"), "true");
        let goal = &workspace.wishes().goal;
        let text = goal.text.as_deref().expect("a text");
        for slot in goal.slots.values() {
            let span = slot.span.expect("a span");
            assert_eq!(Some(&text[span.start..span.end]), slot.words.as_deref());
        }
    }

    #[test]
    fn undo_leads_back_turn_by_turn() {
        let (catalog, config) = (Catalog::builtin().expect("the catalog"), Config::default());
        let mut workspace = grown(&["deploy to EKS in us-east-1", "make it public"]);
        let back = |workspace: &mut Workspace| workspace.undo((&catalog, &config)).expect("planned");
        assert_eq!(back(&mut workspace).as_deref(), Some("make it public"));
        assert_ne!(value(&workspace, "deploy_mode"), "\"public\"");
        assert_eq!(back(&mut workspace).as_deref(), Some("deploy to EKS in us-east-1"));
        assert!(workspace.plan.is_none() && workspace.wishes().is_empty());
        assert_eq!(back(&mut workspace), None);
    }

    #[test]
    fn what_another_target_does_not_take_is_dropped() {
        let workspace = grown(&["deploy to EKS in us-east-1, cluster named demo", "switch to ec2"]);
        assert_eq!(value(&workspace, "region"), "\"us-east-1\"");
        assert!(!workspace.wishes().goal.slots.contains_key("cluster_name"));
    }
}
