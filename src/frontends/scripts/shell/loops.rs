//! Loops, lists and pipelines.

use super::conditions::not;
use super::translate::{Around, Input, Sink, Translator, push_block};
use super::words::{Known, braces};
use crate::model::{Block, BlockKind, Expr, Item};
use crate::syntax::shell::{For, Kind, Link, Operator, PartKind, Redirect, Simple, Statement, Word};
use std::rc::Rc;

/// Values of a loop that are told apart.
const MAX_VALUES: usize = 200;

impl Translator<'_, '_, '_> {
    /// The values of `for`, one unknown where the files do not say.
    pub(super) fn values(&mut self, words: Option<&[Word]>, around: &Around, out: &mut Vec<Item>) -> Vec<Expr> {
        let Some(words) = words else { return vec![Expr::Unknown("$@".to_owned())] };
        let mut values = Vec::new();
        for word in words {
            self.substitutions(&word.parts, around, out);
            values.append(&mut self.fields(word));
        }
        if values.len() > MAX_VALUES { vec![Expr::Unknown("many values".to_owned())] } else { values }
    }

    /// The fields of a word: literal variables and brace lists taken apart.
    fn fields(&self, word: &Word) -> Vec<Expr> {
        if let Some(text) = word.literal() {
            let texts = if word.is_bare() { braces(&text) } else { vec![text] };
            return texts.into_iter().map(Expr::Lit).collect();
        }
        if let Some(texts) = self.known_fields(word) {
            return texts.into_iter().map(Expr::Lit).collect();
        }
        let expr = self.expr(word);
        match expr {
            Expr::Lit(text) if word.is_bare() => text.split_whitespace().map(Expr::lit).collect(),
            Expr::Concat(_) => vec![expr],
            _ if !word.is_bare() => vec![expr],
            _ => vec![Expr::Unknown(self.source.one_line(&word.range))],
        }
    }

    /// The fields of a word that is one literal variable, unquoted, or all elements of a literal array.
    pub(super) fn known_fields(&self, word: &Word) -> Option<Vec<String>> {
        let [part] = word.parts.as_slice() else { return None };
        match &part.kind {
            PartKind::Variable(name) if !part.quoted => match self.state.variables.get(name)? {
                Known::Text(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
                _ => None,
            },
            PartKind::Elements(name) => match self.state.variables.get(name)? {
                Known::List(texts) => Some(texts.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn for_loop(&mut self, statement: &Statement, of: &For, around: &Around, out: &mut Vec<Item>) {
        let values = self.values(of.values.as_deref(), around, out);
        let counted = of.counts || values.iter().all(is_count);
        let polling = counted && runs(&of.body, &["sleep"]);
        let mut block = Block::new(BlockKind::Loop, self.span(&statement.range));
        if !of.variable.is_empty() {
            self.state.variables.insert(of.variable.clone(), Known::Various);
            block.each = Some((format!("env.{}", of.variable), values));
        }
        let around = around.with(|l| {
            l.in_loop = true;
            l.polling |= polling;
        });
        forget_arguments(&of.body, out);
        self.statements(&of.body, &around, &mut block.items);
        push_block(block, out);
    }

    pub(super) fn while_loop(
        &mut self,
        statement: &Statement,
        condition: &[Statement],
        body: &[Statement],
        around: &Around,
        out: &mut Vec<Item>,
    ) {
        let mut block = Block::new(BlockKind::Loop, self.span(&statement.range));
        forget_arguments(body, out);
        let reads = runs(condition, &["read", "getopts"]);
        let around = around.with(|l| {
            l.in_loop |= reads;
            l.polling |= !reads;
        });
        let asked = around.with(|l| l.is_condition = true);
        self.statements(condition, &asked, &mut block.items);
        if reads {
            let name = read_names(condition).into_iter().next().unwrap_or_else(|| "REPLY".to_owned());
            block.each = Some((format!("env.{name}"), vec![Expr::Unknown("a line that is read".to_owned())]));
        }
        self.statements(body, &around, &mut block.items);
        push_block(block, out);
    }

    /// `a && b || c`
    pub(super) fn list(&mut self, links: &[Link], around: &Around, out: &mut Vec<Item>) {
        let ignored = ignored(links);
        let mut test: Option<Expr> = None;
        for (link, ignored) in links.iter().zip(ignored) {
            let statement = &link.statement;
            if let Some(asked) = self.source.test(statement, &self.shell) {
                self.statement(statement, around, out);
                test = Some(match (link.operator, test) {
                    (Some(Operator::And), Some(before)) => Expr::And(vec![before, asked]),
                    (Some(Operator::Or), Some(before)) => Expr::Or(vec![before, asked]),
                    _ => asked,
                });
                continue;
            }
            let when = match link.operator {
                Some(Operator::And) => test.clone(),
                Some(Operator::Or) => test.take().map(not),
                None => None,
            };
            let fallback = link.operator == Some(Operator::Or) && when.is_none();
            let inner = around.with(|l| {
                l.ignored |= ignored;
                l.fallback |= fallback;
                l.conditional |= when.is_some();
            });
            let kind = match when {
                Some(_) => BlockKind::Branch,
                None if fallback && matches!(statement.kind, Kind::Group(_)) => BlockKind::OnFailure,
                None => {
                    self.statement(statement, &inner, out);
                    continue;
                }
            };
            let mut block = Block::new(kind, self.span(&statement.range));
            block.when = when.unwrap_or_else(Expr::always);
            self.statement(statement, &inner, &mut block.items);
            push_block(block, out);
        }
    }

    /// `a | b`
    pub(super) fn pipeline(&mut self, stages: &[Statement], around: &Around, out: &mut Vec<Item>) {
        let mut input: Option<Rc<Input>> = around.input.clone();
        for (i, stage) in stages.iter().enumerate() {
            let direct = matches!(stage.kind, Kind::Simple(_) | Kind::Group(_) | Kind::Subshell(_) | Kind::Not(_));
            let last = i + 1 == stages.len();
            // What `tee` keeps a copy of is not decided by it.
            let read = stages[i + 1..].iter().any(|s| !is_tee(s));
            let mut inner = around.with(|l| {
                l.piped_in = direct && (i > 0 || l.piped_in);
                l.piped_out = direct && (read || l.piped_out);
            });
            inner.input = input.take();
            inner.sink = if last { around.sink } else { stages.get(i + 1).and_then(tee) };
            self.statement(stage, &inner, out);
            input = self.passed_on(stage, inner.input);
        }
    }

    /// What a stage passes to the next as it is: `cat <<EOF | kubectl apply -f -`, `echo "cmd" | ssh host bash`.
    fn passed_on(&self, stage: &Statement, input: Option<Rc<Input>>) -> Option<Rc<Input>> {
        let Kind::Simple(simple) = &stage.kind else { return None };
        match simple.words.first()?.literal()?.as_str() {
            "cat" | "envsubst" | "sed" | "tee" => self.input(&stage.redirects).or(input),
            "echo" if simple.words.len() > 1 => {
                Some(self.input_of(simple.words.iter().skip(1).filter(|w| !w.literal().is_some_and(|t| t.starts_with('-')))))
            }
            _ => None,
        }
    }

    /// What redirections feed to a command.
    pub(super) fn input(&self, redirects: &[Redirect]) -> Option<Rc<Input>> {
        redirects.iter().rev().find_map(|r| match r {
            Redirect::HereDocument(word) | Redirect::HereString(word) => Some(self.input_of([word])),
            Redirect::File { .. } => None,
        })
    }

    /// What stands around the inside of a redirected statement.
    pub(super) fn redirected(&self, statement: &Statement, around: &Around) -> Around {
        let mut out = around.clone();
        if let Some(input) = self.input(&statement.redirects) {
            out.input = Some(input);
        }
        if let Some(sink) = statement.redirects.iter().find_map(sink) {
            out.sink = Some(sink);
        }
        out
    }
}

/// In a loop that shifts its arguments none of them is known.
fn forget_arguments(body: &[Statement], out: &mut Vec<Item>) {
    if runs(body, &["shift"]) {
        super::commands::arguments(&[], out);
    }
}

/// The sink that a redirection writes to.
fn sink(redirect: &Redirect) -> Option<Sink> {
    match redirect {
        Redirect::File { operator, target } if operator.starts_with('>') => sink_of(target),
        _ => None,
    }
}

fn sink_of(word: &Word) -> Option<Sink> {
    let [part] = word.parts.as_slice() else { return None };
    match &part.kind {
        PartKind::Variable(name) => match name.as_str() {
            "GITHUB_OUTPUT" => Some(Sink::Outputs),
            "GITHUB_ENV" | "BASH_ENV" => Some(Sink::Variables),
            _ => None,
        },
        _ => None,
    }
}

/// The sink of `tee -a "$GITHUB_OUTPUT"`.
fn tee(stage: &Statement) -> Option<Sink> {
    let Kind::Simple(simple) = &stage.kind else { return None };
    (simple.words.first()?.literal()? == "tee").then(|| simple.words.iter().find_map(sink_of)).flatten()
}

/// Whether a value of a loop only counts.
fn is_count(value: &Expr) -> bool {
    match value {
        Expr::Lit(text) => text.parse::<u32>().is_ok() || (text.starts_with('{') && text.contains("..")),
        Expr::Unknown(text) => text.contains("seq "),
        _ => false,
    }
}

/// For each statement of a list whether its failure has no consequence.
fn ignored(links: &[Link]) -> Vec<bool> {
    let mut out = vec![false; links.len()];
    for i in (0..links.len().saturating_sub(1)).rev() {
        let Some(next) = links.get(i + 1) else { continue };
        out[i] = out[i + 1] || (next.operator == Some(Operator::Or) && is_harmless(&next.statement));
    }
    out
}

/// Whether a fallback does nothing about a failure.
fn is_harmless(statement: &Statement) -> bool {
    match &statement.kind {
        Kind::Simple(simple) => {
            let words: Vec<Option<String>> = simple.words.iter().take(2).map(Word::literal).collect();
            match words.first().and_then(Option::as_deref) {
                Some("true" | ":" | "echo" | "printf") => true,
                Some("exit" | "return") => words.get(1).is_some_and(|w| w.as_deref() == Some("0")),
                _ => false,
            }
        }
        Kind::Group(body) => !body.is_empty() && body.iter().all(is_harmless),
        _ => false,
    }
}

fn simples<'s>(statements: &'s [Statement], visit: &mut dyn FnMut(&'s Simple)) {
    for statement in statements {
        match &statement.kind {
            Kind::Simple(simple) => visit(simple),
            Kind::Pipeline(body) | Kind::Group(body) | Kind::Subshell(body) => simples(body, visit),
            Kind::For(of) => simples(&of.body, visit),
            Kind::Loop { condition, body } => {
                simples(condition, visit);
                simples(body, visit);
            }
            Kind::List(links) => links.iter().for_each(|l| simples(std::slice::from_ref(&l.statement), visit)),
            Kind::Not(inner) => simples(std::slice::from_ref(inner), visit),
            Kind::If { arms, otherwise } => {
                for arm in arms {
                    simples(&arm.condition, visit);
                    simples(&arm.branch.body, visit);
                }
                if let Some(branch) = otherwise {
                    simples(&branch.body, visit);
                }
            }
            Kind::Case { arms, .. } => arms.iter().for_each(|a| simples(&a.branch.body, visit)),
            _ => {}
        }
    }
}

/// Whether one of these programs is run directly in the statements.
fn runs(statements: &[Statement], programs: &[&str]) -> bool {
    let mut found = false;
    simples(statements, &mut |simple| {
        let program = simple.words.first().and_then(Word::literal);
        found |= program.is_some_and(|p| programs.contains(&p.as_str()));
    });
    found
}

/// The variables that `read` sets.
fn read_names(statements: &[Statement]) -> Vec<String> {
    let mut out = Vec::new();
    simples(statements, &mut |simple| {
        if simple.words.first().and_then(Word::literal).is_some_and(|p| p == "read") {
            out.extend(simple.words.iter().skip(1).filter_map(Word::literal).filter(|w| !w.starts_with('-')));
        }
    });
    out
}

/// Whether a stage of a pipeline only copies what it reads.
fn is_tee(stage: &Statement) -> bool {
    let Kind::Simple(simple) = &stage.kind else { return false };
    simple.words.first().and_then(crate::syntax::shell::Word::literal).is_some_and(|w| w == "tee")
}
