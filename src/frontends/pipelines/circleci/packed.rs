//! A configuration that is kept in parts, which `circleci config pack` puts together:
//! <https://circleci.com/docs/guides/toolkit/how-to-use-the-circleci-local-cli/#packing-a-config>.

use crate::frontends::pipelines::data::{self, Data, Kind, Pair};
use crate::model::Program;
use crate::source::{SourceFile, SourceSet};
use std::rc::Rc;

/// The whole that the files of a folder make: folders and files are keys, a file whose name begins with `@` stands for its
/// content alone. With the file that stands for it.
pub(super) fn pack<'s>(folder: &str, sources: &'s SourceSet, program: &mut Program) -> Option<(&'s SourceFile, Data)> {
    let inside = |f: &&SourceFile| {
        f.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
            && [".yml", ".yaml"].iter().any(|e| f.path.ends_with(e))
    };
    let mut files: Vec<&SourceFile> = sources.files().iter().filter(inside).collect();
    // What stands at the top comes first.
    files.sort_by_key(|f| (f.path.matches('/').count(), !f.name().starts_with('@'), f.path.as_str()));
    let first = *files.first()?;
    let mut whole: Option<Data> = None;
    for file in files {
        let Some(mut part) = data::read(file, program).into_iter().next() else { continue };
        let path = file.path.get(folder.len() + 1..).unwrap_or("");
        let mut keys: Vec<&str> = path.split('/').collect();
        let name = keys.pop().unwrap_or("");
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        if !stem.starts_with('@') {
            keys.push(stem);
        }
        for key in keys.into_iter().rev() {
            let pair = Pair { key: key.into(), key_span: part.span, span: part.span, value: part.clone() };
            part = part.with(Kind::Map(Rc::new(vec![pair])));
        }
        whole = Some(match whole {
            Some(known) => known.merged(&part),
            None => part,
        });
    }
    whole.filter(Data::is_map).map(|root| (first, root))
}
