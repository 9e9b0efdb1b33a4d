//! Values by their paths.

use crate::catalogue::declared::{Path, Paths, Segment};
use crate::frontends::pipelines::data::Data;
use crate::model::glob;
use crate::source::Span;

/// At most so many values are found by one path.
const MAX_FOUND: usize = 10_000;

/// A value that was found.
#[derive(Clone, Copy, Debug)]
pub struct Found<'d> {
    /// The key it stands under, of a list's item its only key.
    pub name: Option<&'d str>,
    /// The value.
    pub data: &'d Data,
    /// The whole of it, with its key or dash.
    pub span: Span,
}

/// The values at any of the paths.
pub fn all<'d>(data: &'d Data, paths: &Paths) -> Vec<Found<'d>> {
    paths.0.iter().flat_map(|path| at(data, path)).collect()
}

/// The first text at any of the paths.
pub fn text<'d>(data: &'d Data, paths: &Paths) -> Option<&'d str> {
    all(data, paths).into_iter().find_map(|f| f.data.str())
}

/// All texts at any of the paths, lists in lists included.
pub fn texts<'d>(data: &'d Data, paths: &Paths) -> Vec<&'d str> {
    all(data, paths).into_iter().flat_map(|f| f.data.texts()).collect()
}

/// The values at a path, in the order of the file.
pub fn at<'d>(data: &'d Data, path: &Path) -> Vec<Found<'d>> {
    let mut out = vec![Found { name: None, data, span: data.item }];
    for segment in &path.0 {
        out = out.into_iter().flat_map(|found| step(found, segment)).take(MAX_FOUND).collect();
    }
    out
}

fn step<'d>(found: Found<'d>, segment: &Segment) -> Vec<Found<'d>> {
    match segment {
        Segment::Items => {
            let only = |item: &'d Data| match item.pairs() {
                [pair] => Some(&*pair.key),
                _ => None,
            };
            found.data.items().iter().map(|item| Found { name: only(item), data: item, span: item.item }).collect()
        }
        Segment::Key(key) => {
            let fits = found.data.pairs().iter().filter(|p| !p.value.is_null() && glob(key, &p.key));
            fits.map(|p| Found { name: Some(&p.key), data: &p.value, span: p.span }).collect()
        }
    }
}
