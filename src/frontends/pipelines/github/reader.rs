//! What reading any part of a file needs.

use super::expression::{condition, masks, template};
use crate::catalogue::Catalogue;
use crate::frontends::scripts::shell::{self, Dialect, Script, Shell};
use crate::model::{Expr, Program};
use crate::source::{Diagnostic, Severity, Span, Text};
use crate::syntax::yaml::Node;
use std::collections::BTreeSet;

/// The state of one translation.
pub(super) struct Reader<'a> {
    pub catalogue: &'a Catalogue,
    pub program: &'a mut Program,
    /// Every name that an expression reads.
    pub names: BTreeSet<String>,
}

impl Reader<'_> {
    pub fn warn(&mut self, span: Span, message: impl Into<String>) {
        self.program.diagnostics.push(Diagnostic { severity: Severity::Warning, span, message: message.into() });
    }

    fn note(&mut self, expr: &Expr) {
        let mut names = Vec::new();
        expr.names(&mut names);
        let new: Vec<String> = names.into_iter().filter(|n| !self.names.contains(*n)).map(str::to_owned).collect();
        self.names.extend(new);
    }

    /// A text that may hold expressions.
    pub fn template(&mut self, text: &str) -> Expr {
        let expr = template(text);
        self.note(&expr);
        expr
    }

    /// A scalar that may hold expressions; nothing is an empty text.
    pub fn value(&mut self, node: Node<'_>) -> Expr {
        if node.is_scalar() || node.is_null() {
            self.template(node.scalar().unwrap_or(""))
        } else {
            Expr::Unknown("a list or mapping".to_owned())
        }
    }

    /// The condition of a job or step.
    pub fn when(&mut self, node: Option<Node<'_>>) -> Expr {
        let Some(node) = node else { return Expr::always() };
        // `if: !cancelled()` without quotes is a YAML tag.
        let text = match (node.scalar(), node.tag()) {
            (None, Some(tag)) => tag.to_owned(),
            (text, Some(tag)) if tag.starts_with('!') => format!("{tag} {}", text.unwrap_or("")),
            (text, _) => text.unwrap_or("").to_owned(),
        };
        match condition(&text) {
            Ok(expr) => {
                self.note(&expr);
                expr
            }
            Err(why) => {
                self.warn(node.own_span(), format!("the condition cannot be read: {why}"));
                Expr::Unknown(text)
            }
        }
    }

    /// A mapping of names to values, with a prefix for the names.
    pub fn bindings(&mut self, node: Option<Node<'_>>, prefix: &str) -> Vec<(String, Expr)> {
        let entries = node.map(|n| n.entries()).unwrap_or_default();
        entries.into_iter().map(|e| (format!("{prefix}{}", e.name()), self.value(e.value))).collect()
    }

    /// The items of a script.
    pub fn script(&mut self, text: &Text, dialect: Dialect) -> Script {
        let masks = masks(&text.text);
        for one in &masks {
            self.note(&one.expr);
        }
        let (text, masked) = shell::mask(text, masks);
        let shell = Shell { catalogue: self.catalogue, masked: &masked, arguments: &[], dialect, vendor: Some("github-actions") };
        shell::items(&text, &shell, self.program)
    }
}
