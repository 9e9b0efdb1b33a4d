//! Parameters of a build: <https://www.jenkins.io/doc/book/pipeline/syntax/#parameters>.

use super::Translator;
use crate::model::{Expr as Neutral, Scope, Test, Truth, Value};
use crate::syntax::groovy::{Arg, Expr, ExprKind};
use std::collections::BTreeSet;

/// So many combinations of values are told apart; of more only those that differ from the defaults in one value.
const MAX_COMBINATIONS: usize = 48;

/// A parameter.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value where nobody gives one.
    pub default: String,
    /// The values that it may have, where they are listed.
    pub options: Vec<String>,
    /// What its value must look like.
    pattern: Option<String>,
    /// It names the environment to deploy to.
    pub environment: bool,
    /// It is true or false.
    boolean: bool,
}

impl Parameter {
    /// Whether a run with the defaults is accepted.
    pub fn default_is_valid(&self) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        let test = Neutral::Compare(
            Test::Regex,
            Box::new(Neutral::lit(self.default.as_str())),
            Box::new(Neutral::lit(format!("^(?:{pattern})$"))),
        );
        test.truth(&Scope::default()) != Truth::False
    }

    /// The values that make a difference, the default first; `compared` are those that conditions name.
    pub fn values(&self, compared: &BTreeSet<String>) -> Vec<Value> {
        let mut out = vec![Value::text(self.default.as_str())];
        let mut add = |text: &str| {
            let value = Value::text(text);
            if !out.contains(&value) {
                out.push(value);
            }
        };
        if self.boolean {
            add(if self.default == "true" { "false" } else { "true" });
        } else if self.options.is_empty() {
            for text in compared {
                add(text);
            }
        } else {
            for text in &self.options {
                add(text);
            }
        }
        if !self.boolean && self.options.is_empty() && self.default.is_empty() {
            let mut not: Vec<String> = compared.iter().cloned().collect();
            not.push(String::new());
            out.push(Value::Other(not));
        }
        if !self.default_is_valid() {
            out.remove(0);
        }
        out
    }
}

/// Every combination of values, that of the first ones first.
pub(super) fn combinations(choices: &[(&str, Vec<Value>)]) -> Vec<Vec<Value>> {
    let first: Vec<Value> = choices.iter().filter_map(|(_, values)| values.first().cloned()).collect();
    if first.len() < choices.len() {
        return Vec::new();
    }
    let mut all: Vec<Vec<Value>> = vec![Vec::new()];
    for (_, values) in choices {
        all = all.iter().flat_map(|a| values.iter().map(|v| a.iter().cloned().chain([v.clone()]).collect())).collect();
        if all.len() > MAX_COMBINATIONS {
            all = vec![first.clone()];
            for (i, (_, values)) in choices.iter().enumerate() {
                for value in values.iter().skip(1) {
                    let mut one = first.clone();
                    one[i] = value.clone();
                    all.push(one);
                }
            }
            return all;
        }
    }
    all
}

impl Translator<'_> {
    /// A parameter by the step that declares it, or by the class that scripted pipelines name.
    pub(super) fn parameter(&mut self, e: &Expr) -> Option<Parameter> {
        let (kind, args): (String, &[Arg]) = match &e.kind {
            ExprKind::Call(call) => (call.name.clone(), call.args.as_slice()),
            ExprKind::Map(entries) => (self.entry(entries, "$class")?.literal()?.to_owned(), entries.as_slice()),
            _ => return None,
        };
        let name = self.entry(args, "name")?.literal()?.to_owned();
        let lower = kind.to_ascii_lowercase();
        let default = self.entry(args, "defaultValue").or_else(|| self.entry(args, "defaultVal"));
        let mut default = default.and_then(|d| d.literal().map(ToOwned::to_owned)).unwrap_or_default();
        let boolean = lower.contains("boolean");
        let options = if boolean { Vec::new() } else { self.options(args) };
        if boolean && default.is_empty() {
            "false".clone_into(&mut default);
        }
        if default.is_empty()
            && lower.contains("choice")
            && let Some(first) = options.first()
        {
            default.clone_from(first);
        }
        let pattern = self.entry(args, "regex").and_then(|p| p.literal().map(ToOwned::to_owned));
        let environments = self.catalogue.environments();
        let names_one = |text: &String| environments.find_in(text).is_some();
        let environment = options.iter().any(names_one) || (chooses_environment(&name) && names_one(&default));
        Some(Parameter { name, default, options, pattern, environment, boolean })
    }

    /// The values to choose from: a list, or a text with one a line.
    fn options(&mut self, args: &[Arg]) -> Vec<String> {
        let Some(given) = args.iter().find(|a| matches!(a.name(), Some("choices"))) else {
            let values = self.entry(args, "value").and_then(|v| v.literal().map(ToOwned::to_owned)).unwrap_or_default();
            return values.split(',').map(str::trim).filter(|v| !v.is_empty()).map(ToOwned::to_owned).collect();
        };
        match self.elements(&given.value) {
            Some(all) => all.into_iter().filter_map(|e| e.literal().map(ToOwned::to_owned)).collect(),
            None => match self.value(&given.value) {
                Neutral::Lit(text) => text.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect(),
                _ => Vec::new(),
            },
        }
    }

    /// The parameters of a list of declarations.
    pub(super) fn declare_parameters<'e>(&mut self, all: impl Iterator<Item = &'e Expr>, span: crate::source::Span) {
        for e in all {
            if let Some(parameter) = self.parameter(e)
                && !self.run.parameters.iter().any(|p| p.name == parameter.name)
            {
                self.run.parameters.push(parameter);
                self.run.parameters_span.get_or_insert(span);
            }
        }
    }

    /// `properties([parameters([…]), pipelineTriggers([…])])`: <https://www.jenkins.io/doc/pipeline/steps/workflow-multibranch/>.
    pub(super) fn properties(&mut self, e: &Expr) {
        let ExprKind::List(all) = &e.kind else { return };
        for property in all {
            let Some(call) = property.call() else { continue };
            let Some(ExprKind::List(list)) = call.positional().next().map(|e| &e.kind) else { continue };
            match call.name.as_str() {
                "parameters" => self.declare_parameters(list.iter(), call.head),
                "pipelineTriggers" => list.iter().for_each(|t| self.trigger(t)),
                _ => {}
            }
        }
    }
}

/// Whether a variable's name says that it holds the environment to deploy to.
pub(super) fn chooses_environment(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let purpose = ["deploy", "target", "release", "promot"].iter().any(|w| lower.contains(w));
    lower == "environment" || lower == "env" || (purpose && lower.contains("env"))
}
