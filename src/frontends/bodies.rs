//! Bodies of units whose lines have a shell of their own.

use crate::model::{Block, BlockKind, Item};
use crate::source::Span;

/// The items of one line: where it changes its shell (directory, variables), or its failure is ignored, in a block that ends
/// with the line.
pub fn apart(items: Vec<Item>, ignored: bool, span: Span) -> Vec<Item> {
    let leaks = |i: &Item| matches!(i, Item::Chdir(_) | Item::Pushd(_) | Item::Popd | Item::Assign { .. } | Item::Source { .. });
    if items.is_empty() || !(ignored || items.iter().any(leaks)) {
        return items;
    }
    let mut block = Block::new(BlockKind::Subshell, span);
    block.continue_on_error = ignored;
    block.items = items;
    vec![Item::Block(Box::new(block))]
}
