//! From granit-parser's events to the arena.

use super::node::is_expression;
use super::{Comment, Data, Kind, MAX_DEPTH, NodeId, Style, Tree};
use crate::source::{Diagnostic, Severity};
use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as EventSpan, StrInput, Tag, options};
use std::collections::{BTreeMap, HashSet};

/// At most this many faults are recovered from in one file.
const MAX_FAULTS: usize = 100;

/// A collection that is still open.
struct Open {
    id: NodeId,
    flow: bool,
    /// A mapping's key that waits for its value.
    key: Option<NodeId>,
}

struct Builder {
    tree: Tree,
    open: Vec<Open>,
    anchors: BTreeMap<usize, NodeId>,
    /// The node of the last event, which an anchor event belongs to.
    last: Option<NodeId>,
    /// Whether a document is open.
    inside: bool,
    comments: Vec<(u32, u32)>,
}

pub(super) fn build(tree: Tree) -> Tree {
    let source = tree.source.clone();
    let options = options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        emit_comments: true,
        max_buffered_comment_events: 1_000_000,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(&source, options);
    let mut builder =
        Builder { tree, open: Vec::new(), anchors: BTreeMap::new(), last: None, inside: false, comments: Vec::new() };
    let mut faults = 0;
    loop {
        let event = parser.next_event();
        let fault = match event {
            None | Some(Ok((Event::StreamEnd, _))) => break,
            Some(Ok((event, span))) => {
                if builder.event(event, span) {
                    continue;
                }
                let (start, end) = range(span);
                builder.fault(start, end, format!("nested deeper than {MAX_DEPTH} levels; the rest of the document is not read"));
                true
            }
            Some(Err(error)) => {
                builder.scan_error(&error);
                true
            }
        };
        faults += usize::from(fault);
        if faults > MAX_FAULTS || !resume(&mut parser, &mut builder) {
            break;
        }
    }
    builder.close_document();
    builder.finish()
}

/// Go on at the next document.
fn resume<'s>(parser: &mut Parser<'s, StrInput<'s>>, builder: &mut Builder) -> bool {
    builder.close_document();
    match parser.proceed_next_document() {
        Ok(more) => more,
        Err(error) => {
            builder.scan_error(&error);
            false
        }
    }
}

fn range(span: EventSpan) -> (u32, u32) {
    span.byte_range().map_or((0, 0), |r| (r.start as u32, r.end as u32))
}

impl Builder {
    /// Take one event; `false` where it nests too deep.
    fn event(&mut self, event: Event<'_>, span: EventSpan) -> bool {
        let (start, end) = range(span);
        match event {
            Event::DocumentStart(..) => {
                self.close_document();
                self.inside = true;
            }
            Event::DocumentEnd => self.close_document(),
            Event::Comment(text, _) => {
                self.comments.push((start, end));
                let span = self.tree.place(start, end);
                self.tree.comments.push(Comment { span, text: text.trim_end_matches('\r').to_owned() });
            }
            Event::Anchor(_, _) => {
                if let Some(id) = self.last {
                    let data = &mut self.tree.nodes[id.0 as usize];
                    data.outer = data.outer.min(start);
                }
            }
            Event::Alias(target) => {
                let target = self.anchors.get(&target).copied();
                self.add(Kind::Alias(target), (start, end), None, span, 0);
            }
            Event::UnresolvedAlias(name) => {
                self.warn(start, end, format!("no anchor is called `{name}`"));
                self.add(Kind::Alias(None), (start, end), None, span, 0);
            }
            Event::Scalar(value, style, anchor, tag) => self.scalar(&value, style, (start, end), anchor, (tag.as_deref(), span)),
            Event::SequenceStart(style, anchor, tag) => {
                let flow = style == granit_parser::StructureStyle::Flow;
                return self.enter(Kind::Sequence(Vec::new()), flow, (start, end), anchor, (tag.as_deref(), span));
            }
            Event::MappingStart(style, anchor, tag) => {
                let flow = style == granit_parser::StructureStyle::Flow;
                return self.enter(Kind::Mapping(Vec::new()), flow, (start, end), anchor, (tag.as_deref(), span));
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(Some(end)),
            _ => {}
        }
        true
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, at: (u32, u32), anchor: usize, of: (Option<&Tag>, EventSpan)) {
        let style = match style {
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
            ScalarStyle::Plain => Style::Plain,
        };
        // An empty plain scalar is reported as `~`.
        let value = if style == Style::Plain && at.0 == at.1 { "" } else { value };
        let indent = of.1.indent.map(|i| i as u32);
        self.add(Kind::Scalar { value: value.into(), style, indent }, at, of.0, of.1, anchor);
    }

    fn enter(&mut self, kind: Kind, flow: bool, at: (u32, u32), anchor: usize, of: (Option<&Tag>, EventSpan)) -> bool {
        if self.open.len() >= MAX_DEPTH {
            return false;
        }
        let id = self.add(kind, at, of.0, of.1, anchor);
        self.open.push(Open { id, flow, key: None });
        true
    }

    /// Close the innermost collection; `end` where its closing event gave one.
    fn leave(&mut self, end: Option<u32>) {
        let Some(open) = self.open.pop() else { return };
        if let Some(key) = open.key {
            let at = self.tree.data(key).end;
            let value = self.push(Kind::Scalar { value: "".into(), style: Style::Plain, indent: None }, (at, at), None, at);
            if let Kind::Mapping(entries) = &mut self.tree.nodes[open.id.0 as usize].kind {
                entries.push((key, value));
            }
        }
        if let Some(end) = end.filter(|_| open.flow) {
            self.tree.nodes[open.id.0 as usize].end = end;
        }
    }

    fn add(&mut self, kind: Kind, at: (u32, u32), tag: Option<&Tag>, span: EventSpan, anchor: usize) -> NodeId {
        let outer = span.tag_start.and_then(|m| m.byte_offset()).map_or(at.0, |b| at.0.min(b as u32));
        let id = self.push(kind, at, tag.map(Tag::original), outer);
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        self.last = Some(id);
        let Some(open) = self.open.last_mut() else {
            if self.inside {
                self.tree.roots.push(id);
            }
            return id;
        };
        match &mut self.tree.nodes[open.id.0 as usize].kind {
            Kind::Sequence(items) => items.push(id),
            Kind::Mapping(entries) => match open.key.take() {
                None => open.key = Some(id),
                Some(key) => entries.push((key, id)),
            },
            Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
        id
    }

    fn push(&mut self, kind: Kind, at: (u32, u32), tag: Option<String>, outer: u32) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        let tag = tag.map(String::into_boxed_str);
        self.tree.nodes.push(Data { kind, start: at.0, outer, end: at.1, body: at.0, full_end: at.1, dash: None, tag });
        id
    }

    fn close_document(&mut self) {
        while !self.open.is_empty() {
            self.leave(None);
        }
        self.inside = false;
        self.last = None;
        self.anchors.clear();
    }

    fn scan_error(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(0) as u32;
        let rest = self.tree.source.get(at as usize..).unwrap_or("");
        let end = at + rest.find(['\n', '\r']).unwrap_or(rest.len()) as u32;
        self.fault(at, end, format!("not valid YAML: {}; the rest of the document is not read", error.info()));
    }

    fn fault(&mut self, start: u32, end: u32, message: String) {
        self.tree.partly = true;
        let span = self.tree.place(start, end);
        self.tree.diagnostics.push(Diagnostic { severity: Severity::Error, span, message });
    }

    fn warn(&mut self, start: u32, end: u32, message: String) {
        let span = self.tree.place(start, end);
        self.tree.diagnostics.push(Diagnostic { severity: Severity::Warning, span, message });
    }

    /// Places that need the whole file: headers of block scalars, dashes, and where content ends.
    fn finish(mut self) -> Tree {
        self.comments.sort_unstable();
        for i in 0..self.tree.nodes.len() {
            if matches!(self.tree.nodes[i].kind, Kind::Scalar { style: Style::Literal | Style::Folded, .. }) {
                self.block_scalar(i);
            }
        }
        // Children come after their parents, so that going backwards meets them first.
        for i in (0..self.tree.nodes.len()).rev() {
            self.collection(i);
        }
        self.duplicates();
        self.tree.diagnostics.sort_by_key(|d| d.span);
        self.tree
    }

    fn block_scalar(&mut self, index: usize) {
        let source = self.tree.source.as_bytes();
        let data = &self.tree.nodes[index];
        let mut at = self.back(data.start);
        while at > 0 && matches!(source[at as usize - 1], b'0'..=b'9' | b'+' | b'-') {
            at -= 1;
        }
        let header = at.saturating_sub(1);
        let found = source.get(header as usize).is_some_and(|b| matches!(b, b'|' | b'>'));
        let content = self.tree.source.get(data.start as usize..data.end as usize).unwrap_or("");
        let trimmed = data.start + content.trim_end().len() as u32;
        let rest = &source[header as usize..];
        let line = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |p| p + 1) as u32;
        let data = &mut self.tree.nodes[index];
        if found {
            data.outer = data.outer.min(header);
            data.body = header + line;
            data.end = if trimmed > data.start { trimmed } else { at };
            data.start = header;
        }
    }

    /// The last byte before `at` that is neither white space nor comment, as an exclusive end.
    fn back(&self, mut at: u32) -> u32 {
        let source = self.tree.source.as_bytes();
        loop {
            while at > 0 && source[at as usize - 1].is_ascii_whitespace() {
                at -= 1;
            }
            let n = self.comments.partition_point(|c| c.0 < at);
            match n.checked_sub(1).map(|i| self.comments[i]) {
                Some((start, end)) if start < at && end >= at => at = start,
                _ => return at,
            }
        }
    }

    fn collection(&mut self, index: usize) {
        let (outer, end) = match &self.tree.nodes[index].kind {
            Kind::Sequence(items) => {
                let items = items.clone();
                for item in &items {
                    self.dash(*item);
                }
                let end = items.last().map(|i| self.tree.data(*i)).map(|d| d.end.max(d.dash.map_or(0, |p| p + 1)));
                let outer = items.first().map(|i| self.tree.data(*i)).map(|d| d.dash.unwrap_or(d.outer));
                (outer, end)
            }
            Kind::Mapping(entries) => {
                let first = entries.first().map(|e| self.tree.data(e.0).outer);
                (first, entries.last().map(|(key, value)| self.entry_end(*key, *value)))
            }
            Kind::Scalar { .. } | Kind::Alias(_) => (None, None),
        };
        let data = &mut self.tree.nodes[index];
        data.outer = outer.map_or(data.outer, |o| data.outer.min(o));
        data.start = outer.map_or(data.start, |o| data.start.min(o));
        data.end = end.map_or(data.end, |e| data.end.max(e));
    }

    /// An entry ends with its value; one without a value with its colon.
    fn entry_end(&self, key: NodeId, value: NodeId) -> u32 {
        let (key, value) = (self.tree.data(key), self.tree.data(value));
        let colon = self.tree.source.as_bytes().get(key.end as usize) == Some(&b':');
        let empty = value.end <= value.outer;
        if empty { (key.end + u32::from(colon)).max(key.end) } else { value.end.max(key.end) }
    }

    fn dash(&mut self, item: NodeId) {
        let at = self.back(self.tree.data(item).outer);
        if at > 0 && self.tree.source.as_bytes()[at as usize - 1] == b'-' {
            let data = &mut self.tree.nodes[item.0 as usize];
            data.dash = Some(at - 1);
        }
    }

    fn duplicates(&mut self) {
        let mut found = Vec::new();
        for data in &self.tree.nodes {
            let Kind::Mapping(entries) = &data.kind else { continue };
            let mut seen: HashSet<&str> = HashSet::new();
            for (key, _) in entries {
                let key = self.tree.data(*key);
                if let Kind::Scalar { value, .. } = &key.kind
                    && &**value != "<<"
                    && !is_expression(value)
                    && !seen.insert(value)
                {
                    found.push((key.start, key.end, format!("the key `{value}` is given twice; the last one counts")));
                }
            }
        }
        for (start, end, message) in found {
            self.warn(start, end, message);
        }
    }
}
