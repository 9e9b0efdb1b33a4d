//! The scripts of a repository, ready to be compared: where each stands and what it says.

use super::tree::{Kind, Node, Part, Reader, Word};
use crate::model::{Program, Snippet, UnitKind};
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::shell::parse;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A script.
pub struct Script<'p> {
    /// Its text and where that comes from.
    pub snippet: &'p Snippet,
    /// What its masked ranges say.
    shown: Vec<String>,
    /// What it says, read where a rule asks.
    nodes: OnceCell<Vec<Node>>,
    /// The words for where it stands: the vendor of a pipeline, `pipeline`, `script`, `makefile` …
    pub places: BTreeSet<String>,
    /// The programs it calls.
    programs: OnceCell<BTreeSet<String>>,
}

/// What stands around a sequence of nodes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    /// In the body or condition of a loop.
    pub in_loop: bool,
    /// In a condition.
    pub in_condition: bool,
    /// In a substitution.
    pub in_substitution: bool,
    /// Its result decides what follows: a condition, the left side of `||`.
    pub decides: bool,
    /// It is the script's own sequence.
    pub top: bool,
}

impl Script<'_> {
    /// The text in a range.
    pub fn written(&self, range: Range<usize>) -> String {
        let text = &self.snippet.text.text;
        let mut out = String::new();
        let mut at = range.start;
        for (mask, shown) in self.snippet.masked.iter().zip(&self.shown) {
            if mask.start >= at && mask.end <= range.end {
                out.push_str(text.get(at..mask.start).unwrap_or(""));
                out.push_str(shown);
                at = mask.end;
            }
        }
        out.push_str(text.get(at..range.end).unwrap_or(""));
        out
    }

    /// The place of a range in its file.
    pub fn span(&self, range: Range<usize>) -> Span {
        self.snippet.text.span(range)
    }

    /// Whether it stands in one of these places.
    pub fn stands_in(&self, places: &[String]) -> bool {
        places.iter().any(|p| self.places.contains(p))
    }

    /// What it says.
    pub fn nodes(&self) -> &[Node] {
        self.nodes.get_or_init(|| {
            let tree = parse(&self.snippet.text.text, &self.snippet.masked);
            let masked = |index: usize| self.shown.get(index).cloned().unwrap_or_default();
            Reader { text: &self.snippet.text.text, masked: &masked }.sequence(&tree.statements)
        })
    }

    /// Whether it calls one of these programs.
    pub fn calls<'a>(&self, mut programs: impl Iterator<Item = &'a String>) -> bool {
        programs.any(|p| self.snippet.text.text.contains(p.as_str()) && self.programs().contains(p))
    }

    fn programs(&self) -> &BTreeSet<String> {
        self.programs.get_or_init(|| {
            let mut out = BTreeSet::new();
            each_command(self.nodes(), &mut |words| out.extend(words.first().map(|w| w.text.clone())));
            out
        })
    }

    /// Every sequence of nodes in it, with what stands around it.
    pub fn sequences(&self) -> Vec<(&[Node], Around)> {
        let mut out = Vec::new();
        sequences(self.nodes(), Around { top: true, ..Around::default() }, &mut out);
        out
    }
}

/// All scripts, in the order of their places; a text that several pipelines read is one.
pub fn scripts<'p>(program: &'p Program, sources: &SourceSet) -> Vec<Script<'p>> {
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    let mut kinds: BTreeMap<u32, Vec<(Span, UnitKind)>> = BTreeMap::new();
    for (_, unit) in program.iter() {
        kinds.entry(unit.span.file.0).or_default().push((unit.span, unit.kind));
    }
    let mut out: Vec<Script<'_>> = Vec::new();
    for snippet in &program.snippets {
        let span = snippet.text.span(0..snippet.text.text.len());
        if snippet.text.text.trim().is_empty() || !seen.insert(span) {
            continue;
        }
        let around = kinds.get(&span.file.0).into_iter().flatten().filter(|(s, _)| s.contains(span));
        let kind = around.min_by_key(|(s, _)| s.end - s.start).map(|(_, kind)| *kind);
        let file = sources.file(span.file);
        out.push(script(snippet, places(snippet, kind, &file.path), file));
    }
    out.sort_by_key(|s| s.span(0..s.snippet.text.text.len()));
    out
}

fn script<'p>(snippet: &'p Snippet, places: BTreeSet<String>, file: &SourceFile) -> Script<'p> {
    let shown = |range: &Range<usize>| file.text.get(bytes(snippet, range)).unwrap_or("").to_owned();
    let shown = snippet.masked.iter().map(shown).collect();
    Script { snippet, shown, nodes: OnceCell::new(), places, programs: OnceCell::new() }
}

/// The bytes of a range in its file.
fn bytes(snippet: &Snippet, range: &Range<usize>) -> Range<usize> {
    let span = snippet.text.span(range.clone());
    span.start as usize..span.end as usize
}

/// The words for where a script stands.
fn places(snippet: &Snippet, kind: Option<UnitKind>, path: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    if snippet.is_task {
        out.insert("ansible".to_owned());
        return out;
    }
    if let Some(vendor) = snippet.vendor {
        out.extend([vendor.to_owned(), "pipeline".to_owned()]);
        return out;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let place = match kind {
        _ if matches!(ending, "md" | "markdown" | "rst" | "adoc" | "txt") => "document",
        _ if ending == "mk" || name.ends_with("akefile") || ending == "just" || name == "justfile" => "makefile",
        _ if name == "package.json" => "package-json",
        Some(UnitKind::Document) => "document",
        Some(UnitKind::Dockerfile) => "dockerfile",
        Some(UnitKind::NpmScript) => "package-json",
        Some(UnitKind::Pipeline | UnitKind::Stage | UnitKind::Job | UnitKind::Action) => "pipeline",
        Some(UnitKind::TerraformRoot) => "terraform",
        Some(UnitKind::Target) => "makefile",
        Some(UnitKind::Manifest | UnitKind::Chart | UnitKind::Overlay) => "manifest",
        _ if name.ends_with(".tf") => "terraform",
        _ => "script",
    };
    out.insert(place.to_owned());
    out
}

fn sequences<'n>(nodes: &'n [Node], around: Around, out: &mut Vec<(&'n [Node], Around)>) {
    out.push((nodes, around));
    let inner = Around { top: false, ..around };
    let condition = Around { in_condition: true, decides: true, ..inner };
    for node in nodes {
        for_words(node, &mut |word| substitutions(word, inner, out));
        match &node.kind {
            Kind::Pipe(all) => {
                for one in all {
                    for_words(one, &mut |word| substitutions(word, inner, out));
                    if !matches!(one.kind, Kind::Command(_)) {
                        sequences(std::slice::from_ref(one), inner, out);
                    }
                }
            }
            Kind::Or(left, right) => {
                sequences(left, Around { decides: true, ..inner }, out);
                sequences(right, inner, out);
            }
            Kind::Not(one) => sequences(std::slice::from_ref(&**one), Around { decides: true, ..inner }, out),
            Kind::Subshell(body) | Kind::Function(body) => sequences(body, inner, out),
            Kind::If(arms, otherwise) => {
                for (asked, branch) in arms {
                    sequences(asked, condition, out);
                    sequences(branch, inner, out);
                }
                if let Some(branch) = otherwise {
                    sequences(branch, inner, out);
                }
            }
            Kind::For(_, _, body) => sequences(body, Around { in_loop: true, ..inner }, out),
            Kind::Loop(_, asked, body) => {
                sequences(asked, Around { in_loop: true, ..condition }, out);
                sequences(body, Around { in_loop: true, ..inner }, out);
            }
            Kind::Case(_, arms) => arms.iter().for_each(|(_, branch)| sequences(branch, inner, out)),
            Kind::Command(_) | Kind::Assign(..) | Kind::Test(_) | Kind::Other => {}
        }
    }
}

fn substitutions<'n>(word: &'n Word, around: Around, out: &mut Vec<(&'n [Node], Around)>) {
    for part in &word.parts {
        if let Part::Substitution(body) = part {
            sequences(body, Around { in_substitution: true, decides: false, in_condition: false, ..around }, out);
        }
    }
}

/// The words of a node itself.
fn for_words<'n>(node: &'n Node, each: &mut dyn FnMut(&'n Word)) {
    match &node.kind {
        Kind::Command(words) | Kind::Test(words) | Kind::For(_, Some(words), _) => words.iter().for_each(&mut *each),
        Kind::Assign(_, word) | Kind::Case(word, _) => each(word),
        _ => {}
    }
    node.redirects.iter().for_each(|r| each(&r.word));
}

/// Every command in these nodes, however deep.
pub fn each_command<'n>(nodes: &'n [Node], each: &mut dyn FnMut(&'n [Word])) {
    let mut all = Vec::new();
    sequences(nodes, Around::default(), &mut all);
    for (sequence, _) in all {
        for node in sequence {
            match &node.kind {
                Kind::Command(words) => each(words),
                Kind::Pipe(parts) => parts.iter().for_each(|p| {
                    if let Kind::Command(words) = &p.kind {
                        each(words);
                    }
                }),
                _ => {}
            }
        }
    }
}
