//! Variables in texts: `{{inputs.parameters.x}}` (<https://argo-workflows.readthedocs.io/en/latest/variables/>), and the
//! conditions of `when`.

use crate::frontends::scripts::shell::{Masked, filled};
use crate::model::{Expr, Test};

/// First words of variables.
const ROOTS: &[&str] = &[
    "inputs",
    "outputs",
    "workflow",
    "steps",
    "tasks",
    "item",
    "pod",
    "node",
    "retries",
    "lastRetry",
    "cronworkflow",
    "duration",
];

/// The variables of a text.
pub(super) fn masked(text: &str) -> Vec<Masked> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let start = at + found;
        let Some(len) = text[start..].find("}}") else { break };
        let inner = text[start + 2..start + len].trim();
        at = start + 2;
        if let Some(expr) = variable(inner) {
            out.push(Masked { range: start..start + len + 2, expr });
            at = start + len + 2;
        }
    }
    out
}

/// The value of a variable; `None`: it is another template's.
fn variable(inner: &str) -> Option<Expr> {
    if let Some(expression) = inner.strip_prefix('=') {
        return Some(Expr::Unknown(expression.trim().to_owned()));
    }
    let names: Vec<&str> = inner.split('.').collect();
    if !ROOTS.contains(&names.first()?.trim()) {
        return None;
    }
    Some(match names.as_slice() {
        ["inputs", "parameters", name] => Expr::Var(format!("input.{name}")),
        ["workflow", "parameters", name] => Expr::Var(format!("workflow.{name}")),
        ["item"] => Expr::Var("matrix.item".to_owned()),
        ["item", name] => Expr::Var(format!("matrix.item.{name}")),
        _ => Expr::Unknown(inner.to_owned()),
    })
}

/// A text with variables put in.
pub(super) fn text(text: &str) -> Expr {
    filled(text, masked(text))
}

/// A condition: comparisons joined by `&&` or by `||`; everything else is not decided.
pub(super) fn condition(when: &str) -> Expr {
    let unknown = || Expr::Unknown(when.to_owned());
    let bare = when.trim();
    if bare.starts_with("{{=") || bare.matches('(').count() + bare.matches('?').count() > 0 {
        return unknown();
    }
    let (sign, or) = if bare.contains("||") { ("||", true) } else { ("&&", false) };
    if or && bare.contains("&&") {
        return unknown();
    }
    let all: Option<Vec<Expr>> = bare.split(sign).map(comparison).collect();
    match all {
        Some(mut all) if all.len() == 1 => all.remove(0),
        Some(all) if or => Expr::Or(all),
        Some(all) => Expr::And(all),
        None => unknown(),
    }
}

fn comparison(one: &str) -> Option<Expr> {
    let operand = |side: &str| text(side.trim().trim_matches(['"', '\'']));
    for (sign, test, negated) in [("==", Test::Equals, false), ("!=", Test::Equals, true), ("=~", Test::Regex, false)] {
        if let Some((left, right)) = one.split_once(sign) {
            let compared = Expr::Compare(test, Box::new(operand(left)), Box::new(operand(right)));
            return Some(if negated { Expr::Not(Box::new(compared)) } else { compared });
        }
    }
    let alone = one.trim();
    let plain = !alone.is_empty() && !alone.contains(['<', '>', '!', ' ', '+', '-', '*', '/', '%']);
    (plain || (alone.starts_with("{{") && alone.ends_with("}}"))).then(|| operand(alone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Scope, Truth, Value};

    #[test]
    fn conditions_are_decided_by_parameters() {
        let mut scope = Scope::default();
        scope.set("input.env", Value::text("prod"));
        for (when, wanted) in [
            ("{{inputs.parameters.env}} == prod", Truth::True),
            ("\"{{inputs.parameters.env}}\" != \"prod\"", Truth::False),
            ("'{{inputs.parameters.env}}' =~ '^pr' && {{steps.a.outputs.result}} == x", Truth::Unknown),
            ("{{inputs.parameters.env}} == dev || {{inputs.parameters.env}} == stage", Truth::False),
            ("{{=inputs.parameters.env == 'prod'}}", Truth::Unknown),
            ("( {{inputs.parameters.env}} == prod )", Truth::Unknown),
            ("false", Truth::False),
            ("{{item}} > 3", Truth::Unknown),
        ] {
            assert_eq!(condition(when).truth(&scope), wanted, "{when}");
        }
    }

    #[test]
    fn other_templates_are_left_alone() {
        assert_eq!(masked("docker inspect -f '{{.Id}}' {{ printf \"x\" }} {{").len(), 0);
        assert_eq!(masked("{{ inputs.parameters.x }}")[0].expr, Expr::Var("input.x".to_owned()));
    }
}
