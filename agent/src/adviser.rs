//! When the model is asked about a failure, and where its opinion goes: below the rules' answer, changing nothing.

use provision_rules::Rulebook;

use crate::cli::OutputFormat;
use crate::diagnoses::Document;
use crate::error::CommandError;
use crate::llm::{self, Availability, Llm, LlmError, ModelArgs, ModelConfig, Opinion, Settings};
use crate::terminal::{self, DIM, paint};
use crate::{render, rulebase};

/// What a model adds to a diagnosis.
const ADDS: &str = "offer a hypothesis where no rule knows the cause";

/// A model that is to be asked about one failure.
pub struct Adviser(Llm);

impl Adviser {
    /// The model, if this failure is one to ask about. One that somebody asked for is always asked; one that is only
    /// there, because its key is, where no rule knows the cause and a person reads the answer.
    ///
    /// # Errors
    /// A usage error for a provider or template that cannot be used.
    pub fn of(
        (args, config): (&ModelArgs, &ModelConfig),
        document: &Document,
        format: OutputFormat,
    ) -> Result<Option<Self>, CommandError> {
        let text = format == OutputFormat::Text;
        let Some(verdict) = &document.diagnosis.verdict else { return Ok(None) };
        match llm::availability(args, config)? {
            Availability::On(settings) if is_wanted(&settings, verdict.rule.is_none(), format) => {
                Ok(Some(Self(Llm::new(*settings))))
            }
            Availability::On(_) => Ok(None),
            Availability::Off { reason, explicit } => {
                if explicit {
                    complain(args.model.as_deref(), &reason);
                } else if text && verdict.rule.is_none() {
                    llm::hint(ADDS);
                }
                Ok(None)
            }
        }
    }

    /// The model's opinion; a quiet line on standard error where there is none.
    pub fn opinion(mut self, document: &Document, book: &Rulebook) -> Option<Opinion> {
        let asked = self.ask(document, book);
        asked.map_err(|reason| complain(Some(&self.0.settings().model), &reason)).ok()
    }

    /// Prints the opinion.
    pub fn add(self, document: &Document, book: &Rulebook) {
        if let Some(opinion) = self.opinion(document, book) {
            terminal::out(&render::opinion(&opinion, terminal::width()));
        }
    }

    /// Prints what would be sent.
    ///
    /// # Errors
    /// When the prompt cannot be made, or would hold a secret.
    pub fn show_prompt(mut self, document: &Document, book: &Rulebook) -> Result<(), CommandError> {
        match self.ask(document, book) {
            Ok(_) | Err(LlmError::Shown) => Ok(()),
            Err(error) => Err(CommandError::usage(error.to_string())),
        }
    }

    fn ask(&mut self, document: &Document, book: &Rulebook) -> Result<Opinion, LlmError> {
        let version = rulebase::version(book);
        llm::opinion(&mut self.0, &document.diagnosis, document.explanation.as_ref(), &version)
    }
}

fn is_wanted(settings: &Settings, unknown: bool, format: OutputFormat) -> bool {
    settings.show || asks(settings.explicit, unknown, format)
}

/// Whether a model that may be asked is: one that was asked for, or one that is merely there, with something to add.
fn asks(explicit: bool, unknown: bool, format: OutputFormat) -> bool {
    match format {
        OutputFormat::Text => explicit || unknown,
        OutputFormat::Json => explicit,
        OutputFormat::Sarif | OutputFormat::Markdown | OutputFormat::Github => false,
    }
}

/// One quiet line: that there is no opinion is no failure.
fn complain(model: Option<&str>, reason: &LlmError) {
    let who = model.unwrap_or("the model");
    terminal::err(&format!("{}\n", paint(DIM, format!("no hypothesis from {who}: {reason}"))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_nobody_named_is_only_asked_in_text_and_where_no_rule_knows_the_cause() {
        assert!(asks(false, true, OutputFormat::Text));
        assert!(!asks(false, false, OutputFormat::Text));
        assert!(!asks(false, true, OutputFormat::Json));
        assert!(asks(true, false, OutputFormat::Text) && asks(true, false, OutputFormat::Json));
        assert!(!asks(true, true, OutputFormat::Sarif));
    }
}
