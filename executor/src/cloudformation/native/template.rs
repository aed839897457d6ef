//! Reads the template of a plan again and holds it to what was approved.

use std::path::Path;

use provision_planner::plan::{StackPlan, sha256};

use crate::builtin;
use crate::error::ExecutorError;
use crate::facts::read_small;

/// No template is larger (CloudFormation's quota for one in S3), in bytes.
const MAX: u64 = 1 << 20;

/// The text of the plan's template, which lies below `folder`.
pub(super) fn read(folder: &Path, stack: &StackPlan) -> Result<String, ExecutorError> {
    let Some(template) = &stack.template else {
        return Err(ExecutorError::NoTemplate { stack: stack.name.clone() });
    };
    let path = folder.join(&template.path);
    let file = || {
        read_small(&path, MAX)?.ok_or_else(|| {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            ExecutorError::file("read", &path)(source)
        })
    };
    let text = builtin::template(&template.path).map_or_else(file, Ok)?;
    match sha256(text.as_bytes()) == template.digest {
        true => Ok(text),
        false => Err(ExecutorError::TemplateChanged { path }),
    }
}

/// A template as a request carries it.
pub(super) enum Body {
    /// In the request itself.
    Text(String),
    /// At an address in S3.
    Url(String),
}

impl Body {
    pub(super) fn text(&self) -> Option<String> {
        if let Self::Text(text) = self { Some(text.clone()) } else { None }
    }

    pub(super) fn url(&self) -> Option<String> {
        if let Self::Url(url) = self { Some(url.clone()) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use provision_planner::plan::TemplateFile;

    use super::*;

    fn stack(digest: String) -> StackPlan {
        let template = Some(TemplateFile { path: "a.yaml".to_owned(), digest });
        StackPlan { name: "shop".to_owned(), template, ..StackPlan::default() }
    }

    #[test]
    fn a_template_that_changed_since_it_was_approved_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), "Resources: {}").unwrap();
        let approved = stack(sha256(b"Resources: {}"));
        assert_eq!(read(folder.path(), &approved).unwrap(), "Resources: {}");
        let error = read(folder.path(), &stack(sha256(b"Resources: {A: 1}"))).unwrap_err();
        assert!(error.to_string().contains("changed since the plan was made"), "{error}");
    }
}
