//! What a change set would do: each change with its effect, and what data would be lost.

use aws_sdk_cloudformation::types::{
    Change, ChangeAction, PolicyAction, Replacement, ResourceChange as SdkChange, ResourceChangeDetail,
};
use provision_planner::plan::{Approval, Effect};

use crate::cloudformation::data;

/// What executing a change set would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The stack's name.
    pub stack: String,
    /// Whether the stack is made anew.
    pub creates: bool,
    /// The change set's id.
    pub change_set: String,
    /// The changes, the gravest first.
    pub changes: Vec<ResourceChange>,
}

/// What would happen to one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceChange {
    /// The logical ids of the nested stacks that lead to it, outermost first.
    pub path: Vec<String>,
    /// Its logical id.
    pub logical: String,
    /// Its type.
    pub kind: String,
    /// What becomes of it.
    pub effect: Effect,
    /// Whether a replacement depends on values that are known only while it runs.
    pub conditional: bool,
    /// The properties or attributes that change.
    pub properties: Vec<String>,
    /// What becomes of the old one, where the template says so: `kept` or `snapshot taken`.
    pub keeps: Option<&'static str>,
    /// The data that is lost with it, such as `a table`.
    pub loses: Option<&'static str>,
}

impl Preview {
    /// The gravest effect of all changes.
    pub fn effect(&self) -> Effect {
        self.changes.iter().map(|change| change.effect).max().unwrap_or(Effect::Read)
    }

    /// The changes that lose data.
    pub fn losses(&self) -> impl Iterator<Item = &ResourceChange> {
        self.changes.iter().filter(|change| change.loses.is_some())
    }

    /// Whether an approval suffices: where data is lost, only the stack's typed name (or `--force`) does.
    pub fn admits(&self, approval: &Approval) -> bool {
        self.losses().next().is_none() || names(approval, &self.stack)
    }

    /// Takes in one page of changes, of a change set that these nested stacks lead to.
    pub(super) fn extend(&mut self, path: &[String], changes: Vec<Change>) {
        let changes = changes.into_iter().filter_map(|change| change.resource_change);
        self.changes.extend(changes.map(|change| resource(path, &change)));
    }

    /// Puts the gravest first, else as the service listed them.
    pub(super) fn sort(&mut self) {
        self.changes.sort_by_key(|change| std::cmp::Reverse((change.loses.is_some(), change.effect)));
    }
}

/// Whether an approval is for exactly this name, or forced.
pub(super) fn names(approval: &Approval, name: &str) -> bool {
    match approval {
        Approval::Force => true,
        Approval::Typed(typed) => typed == name,
        _ => false,
    }
}

fn resource(path: &[String], change: &SdkChange) -> ResourceChange {
    let kind = change.resource_type().unwrap_or_default().to_owned();
    let effect = effect(change);
    let policy = change.policy_action();
    let keeps = match policy {
        Some(PolicyAction::Retain | PolicyAction::ReplaceAndRetain) => Some("kept"),
        Some(PolicyAction::Snapshot | PolicyAction::ReplaceAndSnapshot) => Some("snapshot taken"),
        _ => None,
    };
    let gone = matches!(effect, Effect::Replace | Effect::Delete) && keeps.is_none();
    ResourceChange {
        path: path.to_vec(),
        logical: change.logical_resource_id().unwrap_or_default().to_owned(),
        loses: data::store(&kind).filter(|_| gone),
        kind,
        effect,
        conditional: effect == Effect::Replace && change.replacement() == Some(&Replacement::Conditional),
        properties: properties(change.details()),
        keeps,
    }
}

fn effect(change: &SdkChange) -> Effect {
    match (change.action(), change.replacement()) {
        (Some(ChangeAction::Add), _) => Effect::CloudCreate,
        // What is retained leaves the stack and stays.
        (Some(ChangeAction::Remove), _) if change.policy_action() == Some(&PolicyAction::Retain) => {
            Effect::CloudChange
        }
        (Some(ChangeAction::Remove), _) => Effect::Delete,
        (_, Some(Replacement::True | Replacement::Conditional)) => Effect::Replace,
        _ => Effect::CloudChange,
    }
}

fn properties(details: &[ResourceChangeDetail]) -> Vec<String> {
    let mut names = Vec::new();
    for target in details.iter().filter_map(ResourceChangeDetail::target) {
        let attribute = target.attribute().map(|attribute| attribute.as_str().to_owned());
        let name = target.name().map(str::to_owned).or(attribute);
        names.extend(name.filter(|name| !names.contains(name)));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(
        action: ChangeAction,
        kind: &str,
    ) -> aws_sdk_cloudformation::types::builders::ResourceChangeBuilder {
        SdkChange::builder().action(action).resource_type(kind).logical_resource_id("Thing")
    }

    fn preview(change: SdkChange) -> Preview {
        let mut preview = Preview {
            stack: "shop".to_owned(),
            creates: false,
            change_set: String::new(),
            changes: Vec::new(),
        };
        preview.extend(&[], vec![Change::builder().resource_change(change).build()]);
        preview
    }

    #[test]
    fn a_replaced_table_is_a_loss_that_only_the_name_lets_through() {
        let change = change(ChangeAction::Modify, "AWS::DynamoDB::Table").replacement(Replacement::True);
        let preview = preview(change.policy_action(PolicyAction::ReplaceAndDelete).build());
        assert_eq!((preview.effect(), preview.losses().count()), (Effect::Replace, 1));
        assert!(!preview.admits(&Approval::Yes) && !preview.admits(&Approval::Confirmed));
        assert!(!preview.admits(&Approval::Typed("Thing".to_owned())));
        assert!(preview.admits(&Approval::Typed("shop".to_owned())) && preview.admits(&Approval::Force));
    }

    #[test]
    fn what_is_kept_is_no_loss() {
        for policy in [PolicyAction::Retain, PolicyAction::Snapshot] {
            let preview =
                preview(change(ChangeAction::Remove, "AWS::RDS::DBInstance").policy_action(policy).build());
            assert!(preview.admits(&Approval::Yes), "{preview:?}");
        }
    }

    #[test]
    fn effects_follow_action_and_replacement() {
        let effect = |change: SdkChange| preview(change).effect();
        assert_eq!(effect(change(ChangeAction::Add, "AWS::S3::Bucket").build()), Effect::CloudCreate);
        assert_eq!(effect(change(ChangeAction::Modify, "AWS::S3::Bucket").build()), Effect::CloudChange);
        assert_eq!(effect(change(ChangeAction::Remove, "AWS::SNS::Topic").build()), Effect::Delete);
        let may_replace =
            change(ChangeAction::Modify, "AWS::SNS::Topic").replacement(Replacement::Conditional);
        let preview = preview(may_replace.build());
        assert!(preview.changes[0].conditional && preview.effect() == Effect::Replace);
    }
}
