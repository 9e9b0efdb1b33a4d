//! What starts a run, in neutral terms: a [`Start`] for each event on each kind of ref, with facts under names that no vendor
//! owns. A front end translates its own variables to these names, or binds its own names to the same values.

use crate::model::{Event, Expr, HOLE, RefKind, Start, Test, Value};
use crate::source::Span;

/// The event by its neutral name (`push`, `change`, `tag`, `schedule`, `upstream`, `api`, `manual`).
pub const EVENT: &str = "ci.event";
/// What the ref is: `branch`, `tag` or `change`.
pub const REF: &str = "ci.ref";
/// The branch: of a push the one that is pushed to, of a change the one that it comes from; empty for a tag.
pub const BRANCH: &str = "ci.branch";
/// The branch that a change is for; empty for anything else.
pub const TARGET: &str = "ci.target";
/// The tag; empty for anything else.
pub const TAG: &str = "ci.tag";
/// The trunk.
pub const TRUNK: &str = "ci.trunk";

/// How a file names branches or tags.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// By name.
    Name(String),
    /// By a shell pattern.
    Glob(String),
    /// By a regular expression, without the slashes around it.
    Regex(String),
}

impl Pattern {
    /// A name, or a shell pattern where it has `*`, `?`, `{` or `[`.
    pub fn glob(text: &str) -> Self {
        if text.contains(['*', '?', '[', '{']) { Self::Glob(text.to_owned()) } else { Self::Name(text.to_owned()) }
    }

    /// `/regular expression/`, else a name.
    pub fn slashed(text: &str) -> Self {
        let inner = text.strip_prefix('/').and_then(|t| t.rsplit_once('/'));
        match inner {
            Some((regex, "")) => Self::Regex(regex.to_owned()),
            Some((regex, "i")) => Self::Regex(format!("(?i){regex}")),
            _ => Self::Name(text.to_owned()),
        }
    }

    /// The names that pass a test with this text.
    pub fn of(test: Test, text: &str) -> Self {
        match test {
            Test::Equals => Self::Name(text.to_owned()),
            Test::Glob => Self::glob(text),
            Test::Regex => Self::Regex(text.to_owned()),
            Test::StartsWith => Self::Glob(format!("{text}*")),
            Test::EndsWith => Self::Glob(format!("*{text}")),
            Test::Contains => Self::Glob(format!("*{text}*")),
        }
    }

    /// Whether a value fits it.
    pub fn fits(&self, value: Expr) -> Expr {
        let (test, text) = match self {
            Self::Name(name) => (Test::Equals, name),
            Self::Glob(glob) => (Test::Glob, glob),
            Self::Regex(regex) => (Test::Regex, regex),
        };
        Expr::Compare(test, Box::new(value), Box::new(Expr::lit(text.as_str())))
    }

    /// Whether a known name fits it.
    pub fn is(&self, name: &str) -> bool {
        self.fits(Expr::lit(name)).truth(&crate::model::Scope::default()) == crate::model::Truth::True
    }

    /// A name that fits, with holes for what varies; none where nothing of it is literal.
    pub fn sample(&self) -> Option<String> {
        let text = match self {
            Self::Name(name) => name.clone(),
            Self::Glob(glob) => sample_of_glob(glob),
            Self::Regex(regex) => sample_of_regex(regex)?,
        };
        text.chars().any(|c| c != HOLE && c.is_alphanumeric()).then_some(text)
    }
}

fn sample_of_glob(glob: &str) -> String {
    let mut out = String::new();
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' | '?' if out.ends_with(HOLE) => {}
            '*' | '?' => out.push(HOLE),
            '[' => {
                chars.by_ref().find(|c| *c == ']');
                out.push(HOLE);
            }
            '{' => {
                let choice: String = chars.by_ref().take_while(|c| *c != '}').collect();
                out.push_str(choice.split(',').next().unwrap_or(""));
            }
            _ => out.push(c),
        }
    }
    out
}

/// Literal parts of a regular expression, with holes for the rest; the first of alternatives.
fn sample_of_regex(regex: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = regex.chars().peekable();
    let mut depth = 0_usize;
    let hole = |out: &mut String| {
        if !out.ends_with(HOLE) {
            out.push(HOLE);
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '^' | '$' => {}
            '.' | '*' | '+' | '?' => {
                if c == '?' || (c == '*' && !out.ends_with(HOLE)) {
                    // It repeats the character before it.
                    out.pop();
                }
                hole(&mut out);
            }
            '[' => {
                chars.by_ref().find(|c| *c == ']');
                hole(&mut out);
            }
            '{' => {
                chars.by_ref().find(|c| *c == '}');
            }
            '(' => {
                depth += 1;
                if chars.peek() == Some(&'?') {
                    chars.by_ref().find(|c| matches!(c, ':' | '=' | '!' | '>' | ')'));
                }
            }
            ')' => depth = depth.checked_sub(1)?,
            '|' if depth == 0 => break,
            '|' => {
                // The other alternatives of a group.
                let mut open = 0_usize;
                for c in chars.by_ref() {
                    match c {
                        '(' => open += 1,
                        ')' if open == 0 => break,
                        ')' => open -= 1,
                        _ => {}
                    }
                }
                depth = depth.checked_sub(1)?;
            }
            '\\' => match chars.next()? {
                'd' | 'w' | 's' | 'D' | 'W' | 'S' => hole(&mut out),
                'A' | 'z' | 'Z' | 'b' | 'B' => {}
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    Some(out)
}

/// The refs that a pipeline tells apart.
#[derive(Clone, Debug, Default)]
pub struct Refs {
    /// The trunk's name; empty: any branch is it.
    trunk: String,
    branches: Vec<String>,
    tags: Vec<String>,
}

impl Refs {
    /// The trunk, and the branches and tags that the file names in conditions and filters.
    pub fn new(trunk: &str, branches: &[Pattern], tags: &[Pattern]) -> Self {
        let samples = |patterns: &[Pattern]| {
            let mut out: Vec<String> = patterns.iter().filter_map(Pattern::sample).filter(|s| s != trunk).collect();
            out.sort();
            out.dedup();
            out
        };
        // A pattern that the trunk fits names no other branch, unless it is one by its own literal part.
        let others: Vec<Pattern> = branches.iter().filter(|p| trunk.is_empty() || !p.is(trunk)).cloned().collect();
        Self { trunk: trunk.to_owned(), branches: samples(&others), tags: samples(tags) }
    }

    fn trunk(&self) -> Value {
        if self.trunk.is_empty() { Value::Unknown } else { Value::text(self.trunk.as_str()) }
    }

    /// Branches but the trunk: those that are named, then any other.
    fn others(&self) -> Vec<Value> {
        let named = self.branches.iter().map(|b| Value::text(b.as_str()));
        let mut not = self.branches.clone();
        if !self.trunk.is_empty() {
            not.push(self.trunk.clone());
        }
        not.push(String::new());
        named.chain([Value::Other(not)]).collect()
    }

    fn start(&self, event: Event, on: RefKind, span: Span) -> Start {
        let mut start = Start::new(event, on, span);
        start.facts.push((EVENT.to_owned(), Value::text(event.to_string())));
        start.facts.push((TRUNK.to_owned(), self.trunk()));
        let kind = match on {
            RefKind::Trunk | RefKind::OtherBranch => "branch",
            RefKind::Tag => "tag",
            RefKind::Change => "change",
        };
        start.facts.push((REF.to_owned(), Value::text(kind)));
        start
    }

    fn on(&self, event: Event, on: RefKind, branch: Value, target: Value, tag: Value, span: Span) -> Start {
        let mut start = self.start(event, on, span);
        start.facts.extend([(BRANCH.to_owned(), branch), (TARGET.to_owned(), target), (TAG.to_owned(), tag)]);
        start
    }

    /// An event on the trunk. Where nothing names it, it is a branch that nothing names.
    pub fn on_trunk(&self, event: Event, span: Span) -> Start {
        let unnamed = || Value::Other(self.branches.iter().cloned().chain([String::new()]).collect());
        let branch = if self.trunk.is_empty() { unnamed() } else { self.trunk() };
        self.on(event, RefKind::Trunk, branch, Value::text(""), Value::text(""), span)
    }

    /// An event on each branch but the trunk.
    pub fn on_others(&self, event: Event, span: Span) -> Vec<Start> {
        let one = |name| self.on(event, RefKind::OtherBranch, name, Value::text(""), Value::text(""), span);
        self.others().into_iter().map(one).collect()
    }

    /// A push to the trunk, and to each other branch.
    pub fn push(&self, span: Span) -> Vec<Start> {
        let mut out = vec![self.on_trunk(Event::Push, span)];
        out.extend(self.on_others(Event::Push, span));
        out
    }

    /// A change for the trunk, not merged.
    pub fn change(&self, span: Span) -> Vec<Start> {
        let from = Value::Other(vec![String::new()]);
        vec![self.on(Event::Change, RefKind::Change, from, self.trunk(), Value::text(""), span)]
    }

    /// A change for the trunk, and, where the file tells target branches apart, for each that it names and for any other.
    pub fn changes_for(&self, targets: &[Pattern], span: Span) -> Vec<Start> {
        let mut named: Vec<String> = targets.iter().filter(|p| !p.is(&self.trunk)).filter_map(Pattern::sample).collect();
        named.sort();
        named.dedup();
        if targets.is_empty() {
            return self.change(span);
        }
        let mut not = vec![String::new(), self.trunk.clone()];
        not.extend(named.iter().cloned());
        not.dedup();
        let trunk = Some(self.trunk()).filter(|_| !self.trunk.is_empty());
        let others = named.into_iter().map(Value::Text).chain([Value::Other(not)]);
        let from = || Value::Other(vec![String::new()]);
        let one = |target| self.on(Event::Change, RefKind::Change, from(), target, Value::text(""), span);
        trunk.into_iter().chain(others).map(one).collect()
    }

    /// An event on a tag, one for each kind of tag that the file names, and on any other.
    pub fn on_tags(&self, event: Event, span: Span) -> Vec<Start> {
        let named = self.tags.iter().map(|t| Value::text(t.as_str()));
        let any = [Value::Other(self.tags.iter().cloned().chain([String::new()]).collect())];
        named.chain(any).map(|tag| self.on(event, RefKind::Tag, Value::text(""), Value::text(""), tag, span)).collect()
    }

    /// A tag is pushed.
    pub fn tag(&self, span: Span) -> Vec<Start> {
        self.on_tags(Event::Tag, span)
    }
}

/// Bind what a start knows under a name of the vendor's own as well.
pub fn alias(start: &mut Start, neutral: &str, own: impl Into<String>) {
    if let Some((_, value)) = start.facts.iter().find(|(name, _)| name == neutral) {
        let value = value.clone();
        start.facts.push((own.into(), value));
    }
}

/// A condition on a neutral fact.
pub fn is(fact: &str, value: &str) -> Expr {
    Expr::Compare(Test::Equals, Box::new(Expr::Var(fact.to_owned())), Box::new(Expr::lit(value)))
}

/// Whether one of the patterns fits a fact; none: never.
pub fn any(fact: &str, patterns: &[Pattern]) -> Expr {
    if patterns.is_empty() {
        return Expr::lit("false");
    }
    either(patterns.iter().map(|p| p.fits(Expr::Var(fact.to_owned()))).collect())
}

/// All of these conditions; what always holds is left out.
pub fn all(mut conditions: Vec<Expr>) -> Expr {
    conditions.retain(|c| !c.is_always());
    if conditions.is_empty() { Expr::always() } else { both(conditions) }
}

/// Values joined by `||`; one alone is itself.
pub fn either(mut values: Vec<Expr>) -> Expr {
    if values.len() == 1 { values.remove(0) } else { Expr::Or(values) }
}

/// Values joined by `&&`; one alone is itself.
pub fn both(mut values: Vec<Expr>) -> Expr {
    if values.len() == 1 { values.remove(0) } else { Expr::And(values) }
}

/// The contrary of a condition.
pub fn not(condition: Expr) -> Expr {
    match condition {
        Expr::Not(inner) => *inner,
        other => Expr::Not(Box::new(other)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::{Scope, Truth};
    use crate::source::FileId;

    #[test]
    fn a_name_made_from_a_pattern_fits_it() {
        for (pattern, sample) in [
            (Pattern::glob("release/*"), Some("release/\u{fffc}")),
            (Pattern::slashed("/^v\\d+\\.\\d+$/"), Some("v\u{fffc}.\u{fffc}")),
            (Pattern::slashed("/^(hotfix|fix)-.*/"), Some("hotfix-\u{fffc}")),
            (Pattern::slashed("/^release-[0-9]+$/"), Some("release-\u{fffc}")),
            (Pattern::slashed("/.*/"), None),
            (Pattern::glob("**"), None),
            (Pattern::Name("develop".into()), Some("develop")),
        ] {
            assert_eq!(pattern.sample().as_deref(), sample, "{pattern:?}");
            if let Some(sample) = sample {
                let truth = pattern.fits(Expr::lit(sample)).truth(&Scope::default());
                assert_eq!(truth, Truth::True, "{pattern:?}");
            }
        }
    }

    #[test]
    fn starts_tell_the_branches_apart_that_a_file_names() {
        let span = Span::new(FileId(0), 0, 0);
        let refs = Refs::new("main", &[Pattern::Name("develop".into()), Pattern::Name("main".into())], &[]);
        let truths: Vec<Truth> =
            refs.push(span).iter().map(|start| any(BRANCH, &[Pattern::Name("develop".into())]).truth(&start.scope())).collect();
        assert_eq!(truths, [Truth::False, Truth::True, Truth::False]);
    }

    #[test]
    fn changes_are_told_apart_by_the_targets_that_a_file_names() {
        let span = Span::new(FileId(0), 0, 0);
        let truths = |trunk: &str, targets: &[Pattern]| -> Vec<Truth> {
            let starts = Refs::new(trunk, &[], &[]).changes_for(targets, span);
            starts.iter().map(|start| is(TARGET, "master").truth(&start.scope())).collect()
        };
        let master = [Pattern::Name("master".into())];
        assert_eq!(truths("main", &master), [Truth::False, Truth::True, Truth::False]);
        assert_eq!(truths("master", &master), [Truth::True, Truth::False]);
        assert_eq!(truths("", &master), [Truth::True, Truth::False]);
        assert_eq!(truths("main", &[]), [Truth::False]);
    }

    #[test]
    fn any_other_branch_fits_no_pattern_that_the_file_tells_branches_apart_by() {
        let other = |patterns: &[Pattern]| Refs::new("main", patterns, &[]).others().pop().unwrap();
        let fits = |pattern: &Pattern, value: Value| {
            let mut scope = Scope::default();
            scope.set(BRANCH, value);
            pattern.fits(Expr::Var(BRANCH.to_owned())).truth(&scope)
        };
        let release = Pattern::slashed("/^release\\/.*$/");
        assert_eq!(fits(&release, other(std::slice::from_ref(&release))), Truth::False);
        assert_eq!(fits(&release, other(&[])), Truth::Unknown);
        let any = Pattern::slashed("/.*/");
        assert_eq!(fits(&any, other(&[release, any.clone()])), Truth::Unknown);
    }
}
