//! Statements to items.

use super::Shell;
use super::conditions::{all, any, not};
use super::words::{Decoded, Known, Source, Variables};
use crate::model::{Block, BlockKind, Expr, Item, Logic, Program, Unit, UnitId, UnitKind, Wrapper};
use crate::source::{Diagnostic, Severity, Span, Text};
use crate::syntax::shell::{Arm, Assigned, Assignment, Branch, CaseArm, Kind, Part, PartKind, Statement, Word, parse};
use std::ops::Range;
use std::rc::Rc;

/// Blocks inside blocks that are followed, over all texts that stand in each other.
const MAX_BLOCKS: usize = 90;

/// Faults of one text that are reported.
const MAX_FAULTS: usize = 3;

/// What all texts of a script share.
pub(super) struct State<'p> {
    pub(super) program: &'p mut Program,
    pub(super) functions: Vec<(String, UnitId)>,
    pub(super) variables: Variables,
    /// What `trap … EXIT` leaves for the end.
    pub(super) at_exit: Vec<Item>,
    /// Shells inside shells.
    pub(super) shells: usize,
    pub(super) blocks: usize,
}

impl<'p> State<'p> {
    pub(super) fn new(program: &'p mut Program) -> Self {
        Self { program, functions: Vec::new(), variables: Variables::new(), at_exit: Vec::new(), shells: 0, blocks: 0 }
    }
}

/// Where values go that a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sink {
    /// To later steps, by name.
    Outputs,
    /// Into the variables of later steps.
    Variables,
}

/// What is fed to a command.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// With holes, for readers of data.
    pub(super) data: Text,
    /// With masks, for a shell.
    pub(super) script: Decoded,
}

/// What stands around a statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub(super) logic: Logic,
    pub(super) wrappers: Vec<Wrapper>,
    /// The call whose place the commands inside take (ruling 20).
    pub(super) at: Option<Span>,
    pub(super) input: Option<Rc<Input>>,
    pub(super) sink: Option<Sink>,
}

impl Around {
    pub(super) fn with(&self, change: impl FnOnce(&mut Logic)) -> Self {
        let mut out = self.clone();
        change(&mut out.logic);
        out
    }
}

/// Translates the statements of one text.
pub(super) struct Translator<'a, 's, 'p> {
    pub(super) source: Source<'a>,
    pub(super) shell: Shell<'a>,
    pub(super) state: &'s mut State<'p>,
}

/// Parse a text and translate it.
pub(super) fn text(text: &Text, shell: &Shell, state: &mut State, around: &Around, out: &mut Vec<Item>) {
    if shell.dialect != super::Dialect::Posix {
        super::lines::items(text, shell, around, out);
        return;
    }
    let masks: Vec<Range<usize>> = shell.masked.iter().map(|m| m.range.clone()).collect();
    let tree = parse(&text.text, &masks);
    for fault in tree.faults.iter().take(MAX_FAULTS) {
        let message = "the shell's grammar does not understand this; the commands around it are read".to_owned();
        state.program.diagnostics.push(Diagnostic { severity: Severity::Note, span: text.span(fault.clone()), message });
    }
    let mut translator = Translator { source: Source { text, masked: shell.masked }, shell: *shell, state };
    translator.statements(&tree.statements, around, out);
}

impl Translator<'_, '_, '_> {
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        self.source.text.span(range.clone())
    }

    pub(super) fn expr(&self, word: &Word) -> Expr {
        self.source.expr(word, &self.shell)
    }

    pub(super) fn statements(&mut self, statements: &[Statement], around: &Around, out: &mut Vec<Item>) {
        for (i, statement) in statements.iter().enumerate() {
            self.statement(statement, around, out);
            let rest = statements.get(i + 1..).unwrap_or_default();
            if let Some(left) = self.left_by(statement)
                && let (Some(first), Some(last)) = (rest.first(), rest.last())
            {
                // What follows a branch that ends the script runs only where the branch was not taken.
                let mut block = Block::new(BlockKind::Branch, self.span(&(first.range.start..last.range.end)));
                block.when = not(left);
                self.statements(rest, around, &mut block.items);
                push_block(block, out);
                return;
            }
        }
    }

    /// When the branches of an `if` end the script without a failure.
    fn left_by(&self, statement: &Statement) -> Option<Expr> {
        let Kind::If { arms, otherwise } = &statement.kind else { return None };
        let mut before: Vec<Expr> = Vec::new();
        let mut left: Vec<Expr> = Vec::new();
        for arm in arms {
            let outcome = arm.condition.last().map_or_else(Expr::always, |s| self.source.outcome(s, &self.shell));
            if ends_well(&arm.branch.body) {
                let mut when = before.clone();
                when.push(outcome.clone());
                left.push(all(when));
            }
            before.push(not(outcome));
        }
        if otherwise.as_ref().is_some_and(|b| ends_well(&b.body)) {
            left.push(all(before));
        }
        (!left.is_empty()).then(|| any(left))
    }

    pub(super) fn statement(&mut self, statement: &Statement, around: &Around, out: &mut Vec<Item>) {
        if self.state.blocks >= MAX_BLOCKS {
            out.push(Item::Unknown { span: self.span(&statement.range), why: "nested too deeply".to_owned() });
            return;
        }
        self.state.blocks += 1;
        if statement.background && !around.logic.background {
            let around = around.with(|l| l.background = true);
            self.kind(statement, &around, out);
        } else {
            self.kind(statement, around, out);
        }
        self.state.blocks -= 1;
    }

    fn kind(&mut self, statement: &Statement, around: &Around, out: &mut Vec<Item>) {
        if let Kind::Simple(simple) = &statement.kind {
            self.simple(statement, simple, around, out);
            return;
        }
        for redirect in &statement.redirects {
            self.substitutions(&redirect.word().parts, around, out);
        }
        let around = &self.redirected(statement, around);
        match &statement.kind {
            Kind::Assign(assignments) => {
                for assignment in assignments {
                    self.assign(assignment, around, out);
                }
            }
            Kind::Pipeline(stages) => self.pipeline(stages, around, out),
            Kind::List(links) => self.list(links, around, out),
            Kind::Not(inner) => self.statement(inner, around, out),
            Kind::Subshell(body) => {
                let mut block = Block::new(BlockKind::Subshell, self.span(&statement.range));
                self.statements(body, around, &mut block.items);
                push_block(block, out);
            }
            Kind::Group(body) => self.statements(body, around, out),
            Kind::If { arms, otherwise } => self.branches(arms, otherwise.as_ref(), around, out),
            Kind::Case { subject, arms } => self.case(subject, arms, around, out),
            Kind::For(of) => self.for_loop(statement, of, around, out),
            Kind::Loop { condition, body } => self.while_loop(statement, condition, body, around, out),
            Kind::Function { name, body } => self.function(statement, name, body, around),
            Kind::Test(condition) => {
                let mut words = Vec::new();
                condition.words(&mut words);
                for word in words {
                    self.substitutions(&word.parts, around, out);
                }
            }
            Kind::Unknown => {
                let why = "the shell's grammar does not understand this".to_owned();
                out.push(Item::Unknown { span: self.span(&statement.range), why });
            }
            Kind::Simple(_) | Kind::Arithmetic => {}
        }
    }

    /// The commands of `$(…)` in a word, before what uses them.
    pub(super) fn substitutions(&mut self, parts: &[Part], around: &Around, out: &mut Vec<Item>) {
        for part in parts {
            match &part.kind {
                PartKind::Substitution(body) | PartKind::Process(body) => {
                    let around = Around { sink: None, input: None, ..around.clone() }.with(|l| {
                        l.captured = true;
                        l.background = false;
                        l.piped_in = false;
                        l.piped_out = matches!(part.kind, PartKind::Process(_));
                    });
                    let mut items = Vec::new();
                    self.statements(body, &around, &mut items);
                    enclose(items, self.span(&part.range), out);
                }
                PartKind::Default(_, parts) => self.substitutions(parts, around, out),
                _ => {}
            }
        }
    }

    pub(super) fn assign(&mut self, assignment: &Assignment, around: &Around, out: &mut Vec<Item>) {
        for word in assignment.value.words() {
            self.substitutions(&word.parts, around, out);
        }
        let name = &assignment.name;
        if name.is_empty() || self.source.is_masked(&(assignment.range.start..assignment.range.start + name.len())) {
            return;
        }
        let variable = format!("env.{name}");
        let value = match &assignment.value {
            Assigned::Word(word) if assignment.append => Expr::concat(vec![Expr::Var(variable.clone()), self.expr(word)]),
            Assigned::Word(word) => self.expr(word),
            Assigned::Array(_) | Assigned::Element(_) => Expr::Unknown(self.source.one_line(&assignment.range)),
        };
        let known = match &assignment.value {
            _ if assignment.append => Known::Various,
            Assigned::Word(word) => word.literal().map_or(Known::Various, Known::Text),
            Assigned::Array(words) => {
                let texts: Option<Vec<String>> = words.iter().map(Word::literal).collect();
                texts.map_or(Known::Various, Known::List)
            }
            Assigned::Element(_) => Known::Various,
        };
        self.learn(name, known, around);
        out.push(Item::Assign { name: variable, value });
    }

    /// Remember what a variable is. In a branch another value makes it uncertain.
    pub(super) fn learn(&mut self, name: &str, known: Known, around: &Around) {
        let certain = !around.logic.conditional && !around.logic.in_loop && !around.logic.polling;
        let known = match self.state.variables.get(name) {
            Some(before) if !certain && *before != known => Known::Various,
            _ => known,
        };
        self.state.variables.insert(name.to_owned(), known);
    }

    // Branches.

    fn branches(&mut self, arms: &[Arm], otherwise: Option<&Branch>, around: &Around, out: &mut Vec<Item>) {
        let mut before: Vec<Expr> = Vec::new();
        let mut instead = false;
        for (i, arm) in arms.iter().enumerate() {
            let asked = around.with(|l| {
                l.is_condition = true;
                l.conditional |= i > 0;
            });
            self.statements(&arm.condition, &asked, out);
            let outcome = arm.condition.last().map_or_else(Expr::always, |s| self.source.outcome(s, &self.shell));
            let mut when = before.clone();
            when.push(outcome.clone());
            instead |= self.branch(&arm.branch, all(when), instead, around, out);
            before.push(not(outcome));
        }
        if let Some(branch) = otherwise {
            self.branch(branch, all(before), instead, around, out);
        }
    }

    /// A branch of a choice, unless it is empty; whether it is not.
    fn branch(&mut self, branch: &Branch, when: Expr, instead: bool, around: &Around, out: &mut Vec<Item>) -> bool {
        let mut block = Block::new(BlockKind::Branch, self.span(&branch.range));
        block.when = when;
        block.instead = instead;
        let around = around.with(|l| l.conditional = true);
        self.statements(&branch.body, &around, &mut block.items);
        let some = !block.items.is_empty();
        push_block(block, out);
        some
    }

    fn case(&mut self, subject: &Word, arms: &[CaseArm], around: &Around, out: &mut Vec<Item>) {
        self.substitutions(&subject.parts, around, out);
        let subject = self.expr(subject);
        let mut before = Vec::new();
        let mut instead = false;
        for arm in arms {
            let when = match self.source.arm(&subject, &arm.patterns, &self.shell) {
                Some(when) => {
                    before.push(when.clone());
                    when
                }
                None if before.is_empty() => Expr::always(),
                None => not(any(before.clone())),
            };
            instead |= self.branch(&arm.branch, when, instead, around, out);
        }
    }

    // Functions.

    fn function(&mut self, statement: &Statement, name: &str, body: &[Statement], around: &Around) {
        let mut unit = Unit::new(UnitKind::Function, name, self.span(&statement.range));
        let around = Around { wrappers: around.wrappers.clone(), ..Around::default() };
        let shell = Shell { arguments: &[], ..self.shell };
        let mut inner = Translator { source: self.source, shell, state: &mut *self.state };
        inner.statements(body, &around, &mut unit.body);
        let id = self.state.program.add(unit);
        self.state.functions.push((name.to_owned(), id));
    }
}

/// Whether statements end with `exit 0` or `return 0`: an early end, where another code would be a guard's failure.
fn ends_well(body: &[Statement]) -> bool {
    let Some(Kind::Simple(simple)) = body.last().map(|s| &s.kind) else { return false };
    let words: Option<Vec<String>> = simple.words.iter().map(Word::literal).collect();
    words.is_some_and(|w| matches!(w.join(" ").as_str(), "exit" | "exit 0" | "return" | "return 0"))
}

/// Items of a shell of its own: in a subshell where they would change what follows.
pub(super) fn enclose(items: Vec<Item>, span: Span, out: &mut Vec<Item>) {
    if !changes_state(&items) {
        out.extend(items);
    } else if does_something(&items) {
        let mut block = Block::new(BlockKind::Subshell, span);
        block.items = items;
        out.push(Item::Block(Box::new(block)));
    }
}

/// Whether variables, directories or functions are set for what follows.
fn changes_state(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Assign { .. } | Item::Chdir(_) | Item::Pushd(_) | Item::Popd | Item::Source { .. } => true,
        Item::Block(block) => block.kind != BlockKind::Subshell && changes_state(&block.items),
        _ => false,
    })
}

/// Whether anything but variables and directories is in these items.
fn does_something(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Assign { .. } | Item::Chdir(_) | Item::Pushd(_) | Item::Popd => false,
        Item::Block(block) => does_something(&block.items),
        _ => true,
    })
}

/// A block, unless it is empty.
pub(super) fn push_block(block: Block, out: &mut Vec<Item>) {
    if !block.items.is_empty() {
        out.push(Item::Block(Box::new(block)));
    }
}
