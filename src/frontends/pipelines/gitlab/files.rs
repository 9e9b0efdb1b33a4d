//! Files of configurations: a content, and before it a header that says which inputs it takes
//! (<https://docs.gitlab.com/ci/yaml/#header-keywords>).

use super::inputs::{self, Inputs};
use crate::frontends::pipelines::data::{self, Data, Kind};
use crate::model::Program;
use crate::source::siblings::Ask;
use crate::source::{FileId, SourceFile, Span};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// At most this many values are kept of one file.
const MAX_VALUES: usize = 200_000;

/// Files as they are read, each once.
#[derive(Default)]
pub(super) struct Files {
    read: HashMap<FileId, Vec<Data>>,
    /// Files of other projects that were looked for.
    pub asks: BTreeSet<Ask>,
}

impl Files {
    /// Whether a pipeline has included a file, or is it.
    pub fn has_read(&self, file: &SourceFile) -> bool {
        self.read.contains_key(&file.id)
    }

    fn documents(&mut self, file: &SourceFile, program: &mut Program) -> Vec<Data> {
        if let Some(known) = self.read.get(&file.id) {
            return known.clone();
        }
        let mut budget = MAX_VALUES;
        let nothing = Inputs::new();
        let all: Vec<Data> = data::read(file, program).iter().map(|d| inputs::fill(d, &nothing, &mut budget)).collect();
        if budget == 0 {
            program.partly_read.push((file.id, "too many values".to_owned()));
        }
        self.read.insert(file.id, all.clone());
        all
    }

    /// A file's header, where it has one.
    pub fn header(&mut self, file: &SourceFile, program: &mut Program) -> Option<Data> {
        self.documents(file, program).into_iter().next().filter(|d| d.get("spec").is_some())
    }

    /// A file's content, without what others would give to it.
    pub fn body(&mut self, file: &SourceFile, program: &mut Program) -> Data {
        self.content(file, &Inputs::new(), program)
    }

    /// A file's header and content.
    pub fn content(&mut self, file: &SourceFile, given: &Inputs, program: &mut Program) -> Data {
        let documents = self.documents(file, program);
        let header = documents.first().filter(|d| d.get("spec").is_some());
        let rest = &documents[usize::from(header.is_some())..];
        let Some(body) = rest.iter().find(|d| d.is_map()) else { return empty(file.whole()) };
        let values = inputs::values(header, given);
        if values.is_empty() {
            return body.clone();
        }
        inputs::fill(body, &values, &mut MAX_VALUES.clone())
    }
}

/// A mapping of nothing.
pub(super) fn empty(span: Span) -> Data {
    Data { span, item: span, tag: None, kind: Kind::Map(Rc::new(Vec::new())) }
}
