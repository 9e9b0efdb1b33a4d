//! Compile-time expansion: conditions, loops, insertions and templates.
//! <https://learn.microsoft.com/azure/devops/pipelines/process/templates>
//!
//! What comes out is written in the same language: everything that the files decide is gone; items of a list that the run
//! decides stay in a group under their condition ([`entries`]), scalars become values of the run ([`Shared::leave`]).

use super::expression::{Directive, left};
use super::functions::{either, not};
use super::shared::Shared;
use super::value::{Evaluator, Names, Place, Val, decided, left_at};
use crate::frontends::pipelines::data::{self, Data, Kind, Pair};
use crate::frontends::pipelines::runs;
use crate::model::{Expr, Program, Scope, Truth};
use crate::source::siblings::Ask;
use crate::source::{OffsetMap, SourceSet, Span, Text};
use crate::syntax::mask::mask;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Deepest nesting that is expanded.
const MAX_DEPTH: usize = 100;
/// Most values that one pipeline is expanded to.
const MAX_VALUES: usize = 200_000;

/// Expands one pipeline.
pub(super) struct Expander<'a> {
    pub shared: &'a Shared,
    pub sources: &'a SourceSet,
    pub program: &'a mut Program,
    /// Other repositories by their alias.
    pub repositories: BTreeMap<String, Rc<str>>,
    /// Templates that are read.
    pub read: HashMap<Place, Option<Data>>,
    /// Templates that are being expanded.
    pub open: Vec<Place>,
    /// Files of other repositories that are asked for.
    pub asks: BTreeSet<Ask>,
    pub values: usize,
}

impl Expander<'_> {
    /// A value, everything in it expanded. `key` is the key that it stands under.
    pub fn data(&mut self, data: &Data, key: &str, names: &Names, depth: usize) -> Data {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            if self.values == MAX_VALUES + 1 || depth == MAX_DEPTH + 1 {
                self.unknown(data.span, "the templates come to too much to be read");
            }
            return data.with(Kind::Null);
        }
        match &data.kind {
            Kind::Null => data.clone(),
            Kind::Scalar { text, .. } if !text.text.contains("${{") => data.clone(),
            Kind::Scalar { text, .. } => self.scalar(data, text, names),
            Kind::List(items) => data.with(Kind::List(Rc::new(self.items(items, key, names, depth)))),
            Kind::Map(pairs) => data.with(Kind::Map(Rc::new(self.pairs(pairs, names, depth)))),
        }
    }

    pub fn unknown(&mut self, span: Span, why: impl Into<String>) {
        self.program.unknowns.push((span, why.into()));
    }

    fn evaluator<'n>(&'n self, names: &'n Names, at: Span) -> Evaluator<'n> {
        Evaluator { shared: self.shared, names, run_time: false, at }
    }

    /// The value of an expression; what cannot be read is unknown.
    pub fn value(&mut self, text: &str, names: &Names, at: Span) -> Val {
        match self.evaluator(names, at).value(text) {
            Ok(value) => value,
            Err(why) => {
                data::warn(self.program, at, format!("the expression cannot be read: {why}"));
                Val::Expr(Expr::Unknown(text.to_owned()))
            }
        }
    }

    fn condition(&mut self, text: &str, names: &Names, at: Span) -> Expr {
        let condition = match self.value(text, names, at) {
            // A collection is true.
            Val::Data(data) if data.is_list() || data.is_map() => Expr::always(),
            value => self.evaluator(names, at).expr(value),
        };
        match condition.truth(&Scope::default()) {
            Truth::True => Expr::always(),
            Truth::False => Expr::lit("false"),
            Truth::Unknown => condition,
        }
    }

    /// A scalar with `${{ }}`: the value where it is nothing else, a text with the values filled in else.
    fn scalar(&mut self, data: &Data, text: &Rc<Text>, names: &Names) -> Data {
        let (_, found) = mask(&text.text, "${{", "}}");
        if let [only] = found.as_slice()
            && text.text.trim().len() == only.range.len()
        {
            if left(&only.expression).is_some() {
                return data.clone();
            }
            return match self.value(&only.expression, names, data.span) {
                // It is a list item of its own where it stands.
                Val::Data(value) => Data { item: if value.is_map() { value.item } else { data.item }, ..value },
                Val::Expr(expr) => Data { item: data.item, ..left_at(self.shared, &expr, data.span) },
            };
        }
        let mut out = Text { file: text.file, text: String::new(), map: OffsetMap::default() };
        let mut at = 0;
        for one in found {
            out.append(&text.slice(at..one.range.start));
            at = one.range.end;
            let value = if left(&one.expression).is_some() {
                text.text[one.range.clone()].to_owned()
            } else {
                let value = self.value(&one.expression, names, data.span);
                let expr = self.evaluator(names, data.span).expr(value);
                decided(&expr).unwrap_or_else(|| self.shared.leave(&expr))
            };
            let start = text.map.start(one.range.start);
            out.map.push(value.len(), start, text.map.end(one.range.end).saturating_sub(start));
            out.text.push_str(&value);
        }
        out.append(&text.slice(at..text.text.len()));
        data.with(Kind::Scalar { text: Rc::new(out), plain: false })
    }

    /// The items of a list.
    fn items(&mut self, items: &[Data], key: &str, names: &Names, depth: usize) -> Vec<Data> {
        let mut out = Vec::new();
        // When none of the arms before was taken.
        let mut rest: Option<Expr> = None;
        for item in items {
            if let [pair] = item.pairs()
                && let Some(directive) = Directive::of(&pair.key)
            {
                self.directed(pair, directive, key, names, depth, &mut rest, &mut out);
                continue;
            }
            rest = None;
            if item.get("template").is_some() {
                out.extend(self.template(item, key, names, depth));
                continue;
            }
            let value = self.data(item, key, names, depth + 1);
            match value.kind {
                // `- ${{ parameters.steps }}`
                Kind::List(inner) if item.str().is_some() => out.extend(inner.iter().cloned()),
                Kind::Scalar { ref text, .. } if text.text.is_empty() && item.str().is_some_and(|t| t.contains("${{")) => {}
                _ => out.push(value),
            }
        }
        out
    }

    /// `- ${{ if … }}:` and its like.
    #[allow(clippy::too_many_arguments)]
    fn directed(
        &mut self,
        pair: &Pair,
        directive: Directive,
        key: &str,
        names: &Names,
        depth: usize,
        rest: &mut Option<Expr>,
        out: &mut Vec<Data>,
    ) {
        if let Directive::Each(name, list) = &directive {
            *rest = None;
            for names in self.rounds(name, list, names, pair.key_span) {
                let inner = self.listed(&pair.value, key, &names, depth);
                out.extend(inner);
            }
            return;
        }
        let Some(condition) = self.arm(pair, directive, names, rest) else { return };
        match condition.truth(&Scope::default()) {
            Truth::False => {}
            Truth::True => out.extend(self.listed(&pair.value, key, names, depth)),
            Truth::Unknown => {
                let inner = self.listed(&pair.value, key, names, depth);
                out.push(self.group(&condition, inner, pair.key_span, pair.span));
            }
        }
    }

    /// The condition of an arm, with that of the arms before it; `insert` always holds.
    fn arm(&mut self, pair: &Pair, directive: Directive, names: &Names, rest: &mut Option<Expr>) -> Option<Expr> {
        match directive {
            Directive::If(text) => {
                let condition = match left(&text) {
                    Some(number) => self.shared.left(number),
                    None => self.condition(&text, names, pair.key_span),
                };
                *rest = Some(not(condition.clone()));
                Some(condition)
            }
            Directive::ElseIf(text) => {
                let own = self.condition(&text, names, pair.key_span);
                let before = rest.take().unwrap_or_else(Expr::always);
                *rest = Some(both(before.clone(), not(own.clone())));
                Some(both(before, own))
            }
            Directive::Else => rest.take(),
            Directive::Insert => Some(Expr::always()),
            Directive::Each(..) => None,
        }
    }

    /// What stands below a directive in a list, as items.
    fn listed(&mut self, value: &Data, key: &str, names: &Names, depth: usize) -> Vec<Data> {
        match &value.kind {
            Kind::List(items) => self.items(items, key, names, depth + 1),
            Kind::Null => Vec::new(),
            _ => self.items(std::slice::from_ref(value), key, names, depth + 1),
        }
    }

    /// Items under a condition that the run decides.
    fn group(&self, condition: &Expr, items: Vec<Data>, at: Span, span: Span) -> Data {
        let key = self.shared.leave(condition).replacen("${{ ", "${{ if ", 1);
        let value = Data::scalar_at("", span).with(Kind::List(Rc::new(items)));
        let pair = Pair { key: key.into(), key_span: at, span, value };
        Data::scalar_at("", span).with(Kind::Map(Rc::new(vec![pair])))
    }

    /// The names of each round of a loop; of a list that is not known there is one, with an unknown value.
    fn rounds(&mut self, name: &str, list: &str, names: &Names, at: Span) -> Vec<Names> {
        let values: Vec<Val> = match self.value(list, names, at) {
            Val::Data(data) => match &data.kind {
                Kind::List(items) => items.iter().cloned().map(Val::Data).collect(),
                Kind::Map(pairs) => pairs.iter().map(|p| Val::Data(entry(p))).collect(),
                Kind::Null => Vec::new(),
                Kind::Scalar { text, .. } if text.text.is_empty() => Vec::new(),
                Kind::Scalar { .. } => vec![Val::Expr(Expr::Unknown(list.to_owned()))],
            },
            Val::Expr(Expr::Lit(text)) if text.is_empty() => Vec::new(),
            Val::Expr(_) => vec![Val::Expr(Expr::Unknown(list.to_owned()))],
        };
        self.values += values.len();
        if self.values > MAX_VALUES {
            return Vec::new();
        }
        values.into_iter().map(|value| names.with(name, value)).collect()
    }

    /// The entries of a mapping.
    fn pairs(&mut self, pairs: &[Pair], names: &Names, depth: usize) -> Vec<Pair> {
        let mut out: Vec<Pair> = Vec::new();
        let mut rest: Option<Expr> = None;
        for pair in pairs {
            let Some(directive) = Directive::of(&pair.key) else {
                rest = None;
                let key = self.key(pair, names);
                let value = self.data(&pair.value, &key, names, depth + 1);
                put(&mut out, Pair { key, value, ..pair.clone() });
                continue;
            };
            if let Directive::Each(name, list) = &directive {
                rest = None;
                for names in self.rounds(name, list, names, pair.key_span) {
                    for inner in self.mapped(&pair.value, &names, depth) {
                        put(&mut out, inner);
                    }
                }
                continue;
            }
            let Some(condition) = self.arm(pair, directive, names, &mut rest) else { continue };
            let truth = condition.truth(&Scope::default());
            if truth == Truth::False {
                continue;
            }
            for inner in self.mapped(&pair.value, names, depth) {
                let known = out.iter().find(|p| p.key == inner.key).map(|p| p.value.clone());
                let value = match truth {
                    Truth::True => inner.value.clone(),
                    _ => self.choose(&condition, &inner, known.as_ref(), pair.key_span, 0),
                };
                put(&mut out, Pair { value, ..inner });
            }
        }
        out
    }

    fn key(&mut self, pair: &Pair, names: &Names) -> Rc<str> {
        if !pair.key.contains("${{") {
            return Rc::clone(&pair.key);
        }
        let written = Data::scalar_at(&*pair.key, pair.key_span);
        let value = self.data(&written, "", names, 0);
        value.str().map_or_else(|| Rc::clone(&pair.key), |text| self.shared.name(text).into())
    }

    /// What stands below a directive in a mapping, as entries.
    fn mapped(&mut self, value: &Data, names: &Names, depth: usize) -> Vec<Pair> {
        let value = self.data(value, "", names, depth + 1);
        match &value.kind {
            Kind::Map(pairs) => pairs.as_ref().clone(),
            _ => Vec::new(),
        }
    }

    /// A value that is given under a condition of the run, over what is there already.
    fn choose(&self, condition: &Expr, pair: &Pair, known: Option<&Data>, at: Span, depth: usize) -> Data {
        let value = &pair.value;
        match (&value.kind, known.map(|k| &k.kind)) {
            (Kind::List(items), known) => {
                let mut all = match known {
                    Some(Kind::List(before)) => before.as_ref().clone(),
                    _ => Vec::new(),
                };
                all.push(self.group(condition, items.as_ref().clone(), at, pair.span));
                value.with(Kind::List(Rc::new(all)))
            }
            (Kind::Map(pairs), known) if depth < MAX_DEPTH => {
                let mut all = match known {
                    Some(Kind::Map(before)) => before.as_ref().clone(),
                    _ => Vec::new(),
                };
                for inner in pairs.iter() {
                    let before = all.iter().find(|p| p.key == inner.key).map(|p| p.value.clone());
                    let value = self.choose(condition, inner, before.as_ref(), at, depth + 1);
                    put(&mut all, Pair { value, ..inner.clone() });
                }
                value.with(Kind::Map(Rc::new(all)))
            }
            (Kind::Scalar { text, .. }, _) if &*pair.key == "condition" => {
                let yes = self.run_time(&text.text, value.span);
                let no = known.and_then(Data::str).map_or_else(Expr::always, |t| self.run_time(t, value.span));
                left_at(self.shared, &either(condition.clone(), yes, no), value.span)
            }
            (Kind::Scalar { text, .. }, _) if !is_structure(&pair.key, &text.text) => {
                let yes = self.shared.expr(&text.text);
                let no = known.and_then(Data::str).map_or_else(|| Expr::lit(""), |t| self.shared.expr(t));
                Data { item: value.item, ..left_at(self.shared, &either(condition.clone(), yes, no), value.span) }
            }
            _ => value.clone(),
        }
    }

    /// A condition of the run.
    fn run_time(&self, text: &str, at: Span) -> Expr {
        let evaluator = Evaluator { shared: self.shared, names: &Names::default(), run_time: true, at };
        evaluator.condition(text).unwrap_or_else(|_| Expr::Unknown(text.to_owned()))
    }
}

/// Keys whose scalar is no value that the run may choose: names of the structure, programs, conditions.
fn is_structure(key: &str, text: &str) -> bool {
    text.contains('\n')
        || matches!(
            key,
            "script"
                | "bash"
                | "pwsh"
                | "powershell"
                | "inlineScript"
                | "task"
                | "template"
                | "stage"
                | "job"
                | "deployment"
                | "checkout"
        )
}

/// Both conditions.
fn both(a: Expr, b: Expr) -> Expr {
    if a.literal() == Some("false") || b.literal() == Some("false") { Expr::lit("false") } else { runs::all(vec![a, b]) }
}

/// An entry that a loop over a mapping goes through: `x.key` and `x.value`.
fn entry(pair: &Pair) -> Data {
    let of = |key: &str, value: Data| Pair { key: key.into(), key_span: pair.key_span, span: pair.span, value };
    let key = Data::scalar_at(&*pair.key, pair.key_span);
    pair.value.with(Kind::Map(Rc::new(vec![of("key", key), of("value", pair.value.clone())])))
}

/// Put an entry into a mapping, in the place of one with the same key.
fn put(pairs: &mut Vec<Pair>, pair: Pair) {
    match pairs.iter_mut().find(|p| p.key == pair.key) {
        Some(known) => *known = pair,
        None => pairs.push(pair),
    }
}

/// An item of an expanded list, with the condition that the run decides.
pub(super) struct Entry {
    pub data: Data,
    pub when: Expr,
    /// The innermost line of that condition.
    pub when_span: Option<Span>,
}

/// The items of an expanded list, out of their groups.
pub(super) fn entries(list: &Data, shared: &Shared) -> Vec<Entry> {
    let mut out = Vec::new();
    collect(list.one_or_many(), &Expr::always(), None, shared, 0, &mut out);
    out
}

fn collect(items: &[Data], when: &Expr, span: Option<Span>, shared: &Shared, depth: usize, out: &mut Vec<Entry>) {
    for item in items {
        match item.pairs() {
            [pair] if depth < MAX_DEPTH => match Directive::of(&pair.key) {
                Some(Directive::If(text)) => {
                    let own = left(&text).map_or_else(|| Expr::Unknown(text.clone()), |n| shared.left(n));
                    shared.decides(&own);
                    let when = both(when.clone(), own);
                    collect(pair.value.one_or_many(), &when, Some(pair.key_span), shared, depth + 1, out);
                }
                _ => out.push(Entry { data: item.clone(), when: when.clone(), when_span: span }),
            },
            _ => out.push(Entry { data: item.clone(), when: when.clone(), when_span: span }),
        }
    }
}
