//! Statements.

use std::rc::Rc;

use cmsl_parser::ast::{
    BinaryOp, Block, Catch, Expr, ExprKind, For, ForEvery, ForIn, Stmt, StmtKind, Switch, Variables,
};

use super::expr::is_constant;
use super::value::{Item, Ty, Value};
use super::{Frame, Interpreter, Raised, Step, Stop, abandon, number};

/// How a statement ended.
pub(super) enum Flow {
    Next,
    Break,
    Continue,
    Return(Value),
}

/// What a loop does after a turn.
macro_rules! turn {
    ($flow:expr) => {
        match $flow {
            Flow::Next | Flow::Continue => {}
            Flow::Break => break,
            Flow::Return(value) => return Ok(Flow::Return(value)),
        }
    };
}

impl<'a> Interpreter<'a> {
    pub(super) fn block(&mut self, block: &'a Block, frame: &mut Frame<'a>) -> Step<Flow> {
        self.statements(&block.statements, frame)
    }

    /// Statements with a scope of their own.
    fn statements(&mut self, statements: &'a [Stmt], frame: &mut Frame<'a>) -> Step<Flow> {
        let outer = frame.locals.len();
        let mut flow = Ok(Flow::Next);
        for stmt in statements {
            flow = self.stmt(stmt, frame);
            if !matches!(flow, Ok(Flow::Next)) {
                break;
            }
        }
        frame.locals.truncate(outer);
        flow
    }

    /// A statement below another, with a scope of its own.
    fn body(&mut self, stmt: &'a Stmt, frame: &mut Frame<'a>) -> Step<Flow> {
        self.statements(std::slice::from_ref(stmt), frame)
    }

    fn stmt(&mut self, stmt: &'a Stmt, frame: &mut Frame<'a>) -> Step<Flow> {
        self.tick()?;
        match &stmt.kind {
            StmtKind::Block(block) => return self.block(block, frame),
            StmtKind::Variables(variables) => self.variables(variables, frame)?,
            StmtKind::Expr(expr) => self.effect(expr, frame)?,
            StmtKind::Assign {
                target, op, value, ..
            } => self.assign(target, *op, value, frame)?,
            StmtKind::If { arms, otherwise } => {
                for arm in arms {
                    if self.holds(&arm.condition, frame)? {
                        return self.body(&arm.body, frame);
                    }
                }
                if let Some(otherwise) = otherwise {
                    return self.body(otherwise, frame);
                }
            }
            StmtKind::While { condition, body } => {
                while self.holds(condition, frame)? {
                    turn!(self.body(body, frame)?);
                }
            }
            StmtKind::DoWhile { body, condition } => loop {
                turn!(self.body(body, frame)?);
                if !self.holds(condition, frame)? {
                    break;
                }
            },
            StmtKind::For(item) => return self.for_loop(item, frame),
            StmtKind::ForIn(item) => return self.for_in(item, frame),
            StmtKind::ForEvery(item) => return self.for_every(item, frame),
            StmtKind::Switch(switch) => return self.switch(switch, frame),
            StmtKind::Break => return Ok(Flow::Break),
            StmtKind::Continue => return Ok(Flow::Continue),
            StmtKind::Return(None) => return Ok(Flow::Return(Value::Void)),
            StmtKind::Return(Some(value)) => {
                let value = self.eval(value, frame)?;
                let ty = frame.result.clone();
                return Ok(Flow::Return(self.converted(value, &ty)?));
            }
            StmtKind::Try { body, catches } => return self.attempt(body, catches, frame),
            StmtKind::Throw(None) => match frame.caught.last() {
                Some(raised) => return Err(Stop::Raised(raised.clone())),
                None => return abandon("nothing to throw on"),
            },
            StmtKind::Throw(Some(value)) => {
                let reference = self.eval(value, frame)?;
                let object = self.object(&reference, stmt.span)?;
                let span = stmt.span;
                return Err(Stop::Raised(Raised { object, span }));
            }
            StmtKind::Assert(condition) => {
                if !self.holds(condition, frame)? {
                    let text = self.text(condition.span);
                    return Err(self.raise("assertion_failed", text, stmt.span));
                }
            }
            StmtKind::Delete(server) => {
                let server = self.eval(server, frame)?;
                self.delete(&server, stmt.span)?;
            }
            StmtKind::Empty => {}
            StmtKind::Error => return abandon("a mistake"),
        }
        Ok(Flow::Next)
    }

    fn variables(&mut self, variables: &'a Variables, frame: &mut Frame<'a>) -> Step<()> {
        for declared in &variables.declarators {
            let mut ty = self.world.ty(&variables.ty, &frame.module);
            if declared.size.is_some() {
                ty = Ty::Array(Rc::new(ty));
            }
            let value = self.initial(&ty, declared, frame)?;
            frame.locals.push((declared.name.as_str(), ty, value));
        }
        Ok(())
    }

    /// An expression as a statement: also what changes a collection.
    fn effect(&mut self, expr: &'a Expr, frame: &mut Frame<'a>) -> Step<()> {
        if let ExprKind::MethodCall {
            object,
            method,
            arguments,
            ..
        } = &expr.kind
        {
            let ty = self.ty_of(object, frame);
            let changes = matches!(
                method.as_str(),
                "append" | "insert" | "remove" | "clear" | "set"
            );
            if changes && matches!(ty, Ty::List(_) | Ty::Set(_) | Ty::Bag(_) | Ty::Map(..)) {
                return self.change(object, method.as_str(), arguments, frame, expr.span);
            }
        }
        self.eval(expr, frame).map(drop)
    }

    fn assign(
        &mut self,
        target: &'a Expr,
        op: Option<BinaryOp>,
        value: &'a Expr,
        frame: &mut Frame<'a>,
    ) -> Step<()> {
        let place = self.place(target, frame)?;
        let Some(op) = op else {
            let given = self.eval(value, frame)?;
            let ty = place.ty.clone();
            let old = match ty {
                Ty::Array(_) => self.read(&place, frame, target.span)?,
                _ => Value::Void,
            };
            let given = self.fitted(given, &ty, &old, value.span)?;
            return self.write(&place, given, frame, target.span);
        };
        let before = self.read(&place, frame, target.span)?;
        let operand = self.eval(value, frame)?;
        let is_shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
        let operand = match number::as_type(&operand, &place.ty) {
            Some(operand) if !is_shift => operand,
            _ => operand,
        };
        let after = self.operate(op, &before, &operand, is_constant(value), target.span)?;
        self.write(&place, after, frame, target.span)
    }

    fn for_loop(&mut self, item: &'a For, frame: &mut Frame<'a>) -> Step<Flow> {
        let outer = frame.locals.len();
        let flow = self.turns(item, frame);
        frame.locals.truncate(outer);
        flow
    }

    fn turns(&mut self, item: &'a For, frame: &mut Frame<'a>) -> Step<Flow> {
        for stmt in &item.initial {
            self.stmt(stmt, frame)?;
        }
        loop {
            if let Some(condition) = &item.condition
                && !self.holds(condition, frame)?
            {
                break;
            }
            turn!(self.body(&item.body, frame)?);
            for stmt in &item.step {
                self.stmt(stmt, frame)?;
            }
        }
        Ok(Flow::Next)
    }

    /// One turn of a loop with a variable of its own.
    fn with_variable(
        &mut self,
        name: &'a str,
        ty: &Ty,
        value: Value,
        body: &'a Stmt,
        frame: &mut Frame<'a>,
    ) -> Step<Flow> {
        let outer = frame.locals.len();
        frame.locals.push((name, ty.clone(), value));
        let flow = self.body(body, frame);
        frame.locals.truncate(outer);
        flow
    }

    fn for_in(&mut self, item: &'a ForIn, frame: &mut Frame<'a>) -> Step<Flow> {
        let ty = self.world.ty(&item.ty, &frame.module);
        let collection = self.eval(&item.collection, frame)?;
        let elements: Vec<Value> = match &collection {
            Value::List(all) | Value::Set(all) | Value::Bag(all) | Value::Array(all) => {
                (**all).clone()
            }
            Value::Map(all) => all.iter().map(|(key, _)| key.clone()).collect(),
            Value::Text(text) => text.chars().map(Value::Char).collect(),
            Value::Reference(items) if **items == [Item::Null] => {
                return Err(self.raise("null_reference", "", item.collection.span));
            }
            Value::Reference(items) => items.iter().map(|item| Value::one(*item)).collect(),
            _ => return abandon("a loop over what has no elements"),
        };
        for element in elements {
            let element = self.converted(element, &ty)?;
            turn!(self.with_variable(item.name.as_str(), &ty, element, &item.body, frame)?);
        }
        Ok(Flow::Next)
    }

    fn for_every(&mut self, item: &'a ForEvery, frame: &mut Frame<'a>) -> Step<Flow> {
        let low = self.eval(&item.low.value, frame)?;
        let high = self.eval(&item.high.value, frame)?;
        let ty = match number::meet(&low.ty(), &high.ty()) {
            Some(ty) => ty,
            None if is_constant(&item.high.value) => low.ty(),
            None => high.ty(),
        };
        let (Value::Integer(_, low), Value::Integer(_, high)) = (low, high) else {
            return abandon("a bound is no number");
        };
        let Ty::Integer(width) = ty else {
            return abandon("a bound is no whole number");
        };
        let first = if item.low.inclusive { low } else { low + 1 };
        let last = if item.high.inclusive { high } else { high - 1 };
        for i in first..=last {
            let i = Value::Integer(width, i);
            turn!(self.with_variable(item.name.as_str(), &ty, i, &item.body, frame)?);
        }
        Ok(Flow::Next)
    }

    fn switch(&mut self, switch: &'a Switch, frame: &mut Frame<'a>) -> Step<Flow> {
        let subject = self.eval(&switch.subject, frame)?;
        let mut start = None;
        'sections: for (position, section) in switch.sections.iter().enumerate() {
            for value in section
                .labels
                .iter()
                .filter_map(|label| label.value.as_ref())
            {
                if self.eval(value, frame)?.equals(&subject) {
                    start = Some(position);
                    break 'sections;
                }
            }
        }
        let is_default = |labels: &[cmsl_parser::ast::SwitchLabel]| {
            labels.iter().any(|label| label.value.is_none())
        };
        let default = || {
            switch
                .sections
                .iter()
                .position(|one| is_default(&one.labels))
        };
        let Some(start) = start.or_else(default) else {
            return Ok(Flow::Next);
        };
        for section in &switch.sections[start..] {
            match self.statements(&section.statements, frame)? {
                Flow::Next => {}
                Flow::Break => break,
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    fn attempt(
        &mut self,
        body: &'a Block,
        catches: &'a [Catch],
        frame: &mut Frame<'a>,
    ) -> Step<Flow> {
        let (outer, depth) = (frame.locals.len(), self.depth);
        let raised = match self.block(body, frame) {
            Err(Stop::Raised(raised)) => raised,
            other => return other,
        };
        self.depth = depth;
        frame.locals.truncate(outer);
        let class = self.heap[raised.object].class;
        for catch in catches {
            let ty = match &catch.class {
                Some(ty) => self.world.ty(ty, &frame.module),
                None => Ty::Class(0),
            };
            let Ty::Class(wanted) = ty else {
                return abandon("a catch of what is no class");
            };
            if !self.world.derives(class, wanted) {
                continue;
            }
            if let Some(name) = &catch.name {
                let value = Value::one(Item::Object(raised.object));
                frame.locals.push((name.as_str(), ty, value));
            }
            frame.caught.push(raised);
            let flow = self.block(&catch.body, frame);
            frame.caught.pop();
            frame.locals.truncate(outer);
            return flow;
        }
        Err(Stop::Raised(raised))
    }
}
