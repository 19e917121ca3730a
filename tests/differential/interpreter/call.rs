//! Calls: which routine is meant, and what runs around its body.

use cmsl_parser::Span;
use cmsl_parser::ast::{ContractKind, Expr, Function, New, Path};

use super::expr::is_constant;
use super::stmt::Flow;
use super::value::{Item, Ty, Value};
use super::world::Routine;
use super::{DEPTH_MAX, Frame, Interpreter, Step, Stop, abandon, number};

impl<'a> Interpreter<'a> {
    pub(super) fn values(
        &mut self,
        expressions: &'a [Expr],
        frame: &mut Frame<'a>,
    ) -> Step<Vec<Value>> {
        expressions
            .iter()
            .map(|one| self.eval(one, frame))
            .collect()
    }

    /// How well an argument fits a parameter; smaller is better.
    fn fit(&self, argument: &Expr, frame: &Frame<'a>, to: &Ty) -> Option<u8> {
        let from = self.ty_of(argument, frame);
        if from == *to {
            return Some(0);
        }
        let widens = match (&from, to) {
            (Ty::Class(derived), Ty::Class(base)) => self.world.derives(*derived, *base),
            (Ty::Null, Ty::Class(_)) => true,
            (Ty::Array(of), Ty::Class(class)) => match **of {
                Ty::Class(derived) => self.world.derives(derived, *class),
                _ => false,
            },
            _ => number::widens(&from, to),
        };
        if widens {
            return Some(1);
        }
        (from.is_number() && to.is_number() && is_constant(argument)).then_some(2)
    }

    /// Which of several routines of a name a call means.
    pub(super) fn choose(
        &self,
        candidates: &[&Routine<'a>],
        arguments: &[Expr],
        frame: &Frame<'a>,
    ) -> Option<Routine<'a>> {
        let counts = |one: &&&Routine<'a>| one.parameters.len() == arguments.len();
        let candidates: Vec<_> = candidates.iter().filter(counts).collect();
        if let [only] = candidates[..] {
            return Some((*only).clone());
        }
        let fits = |routine: &Routine<'a>| -> Option<Vec<u8>> {
            let pairs = arguments.iter().zip(&routine.parameters);
            pairs
                .map(|(argument, ty)| self.fit(argument, frame, ty))
                .collect()
        };
        let fitting: Vec<(Vec<u8>, &Routine)> = candidates
            .into_iter()
            .filter_map(|one| Some((fits(one)?, *one)))
            .collect();
        let best = fitting.iter().find(|(fit, _)| {
            let better = |other: &[u8]| fit.iter().zip(other).all(|(a, b)| a <= b);
            fitting.iter().all(|(other, _)| better(other))
        });
        best.map(|(_, routine)| (*routine).clone())
    }

    fn fit_all(&mut self, values: Vec<Value>, routine: &Routine<'a>) -> Step<Vec<Value>> {
        let pairs = values.into_iter().zip(&routine.parameters);
        pairs.map(|(value, ty)| self.converted(value, ty)).collect()
    }

    /// `f (a)`
    pub(super) fn call(
        &mut self,
        path: &'a Path,
        arguments: &'a [Expr],
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        let name = path.name.as_str();
        if let Some(class) = frame.class {
            let exact = path.qualifiers.last();
            let owner = match exact {
                Some(owner) => self.world.class_named(owner.as_str(), &frame.module),
                None => Some(class),
            };
            let methods = owner.map_or(Vec::new(), |owner| self.world.methods(owner, name));
            if !methods.is_empty() {
                let Some(routine) = self.choose(&methods, arguments, frame) else {
                    return abandon("no method fits");
                };
                let values = self.values(arguments, frame)?;
                let values = self.fit_all(values, &routine)?;
                let Some(this) = frame.this else {
                    return abandon("a method without an object");
                };
                return match exact {
                    Some(_) => self.run_routine(&routine, Some(this), values),
                    None => self.dispatch(this, &routine, values),
                };
            }
        }
        if let Some(functions) = self.world.functions(path, &frame.module) {
            let functions: Vec<&Routine> = functions.iter().collect();
            let Some(routine) = self.choose(&functions, arguments, frame) else {
                return abandon("no function fits");
            };
            let values = self.values(arguments, frame)?;
            let values = self.fit_all(values, &routine)?;
            return self.run_routine(&routine, None, values);
        }
        if let Some(ty) = self.world.ty_named(path, &frame.module)
            && let [operand] = arguments
        {
            let value = self.eval(operand, frame)?;
            return self.cast(value, &ty, span);
        }
        self.predefined(name, arguments, frame, span)
    }

    /// `x->m (a)`, `x.m (a)`
    pub(super) fn method_call(
        &mut self,
        object: &'a Expr,
        name: &str,
        arguments: &'a [Expr],
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        let Ty::Class(class) = self.ty_of(object, frame) else {
            let value = self.eval(object, frame)?;
            let values = self.values(arguments, frame)?;
            return self.value_method(&value, name, &values, span);
        };
        let item = self.used(object, frame, span)?;
        let methods = self.world.methods(class, name);
        let Some(routine) = self.choose(&methods, arguments, frame) else {
            return abandon("no method fits");
        };
        let values = self.values(arguments, frame)?;
        let values = self.fit_all(values, &routine)?;
        match item {
            Item::Server(id) => self.command(id, &routine, &values, span),
            Item::Object(id) => self.dispatch(id, &routine, values),
            Item::Null => abandon("null has a method"),
        }
    }

    /// The object that a method is called of, which is used before the arguments are evaluated.
    pub(super) fn used(
        &mut self,
        object: &'a Expr,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Item> {
        let Value::Reference(items) = self.eval(object, frame)? else {
            return abandon("a method of what is no reference");
        };
        match items.first() {
            Some(Item::Null) | None => Err(self.raise("null_reference", "", span)),
            Some(item) => Ok(*item),
        }
    }

    /// The method that the object's own class has in the place of one.
    pub(super) fn dispatch(
        &mut self,
        this: usize,
        method: &Routine<'a>,
        arguments: Vec<Value>,
    ) -> Step<Value> {
        let own = self.world.methods(self.heap[this].class, method.name);
        let own = own
            .into_iter()
            .find(|one| one.parameters == method.parameters);
        let own = own.unwrap_or(method).clone();
        self.run_routine(&own, Some(this), arguments)
    }

    /// Runs a body with its contract.
    pub(super) fn run_routine(
        &mut self,
        routine: &Routine<'a>,
        this: Option<usize>,
        arguments: Vec<Value>,
    ) -> Step<Value> {
        self.descend()?;
        let mut frame = self.frame(routine, this, arguments);
        self.contracts(ContractKind::Pre, routine, &mut frame)?;
        let Some(body) = &routine.defined.body else {
            return abandon("no body");
        };
        let value = match self.block(body, &mut frame)? {
            Flow::Return(value) => value,
            _ => Value::Void,
        };
        self.contracts(ContractKind::Post, routine, &mut frame)?;
        if let Some(this) = this
            && routine.is_public
            && routine.declared.constant.is_none()
        {
            self.invariants(this, self.heap[this].class)?;
        }
        self.depth -= 1;
        Ok(value)
    }

    /// Counts a call that runs inside of those that run.
    fn descend(&mut self) -> Step<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return abandon("calls are nested too deeply");
        }
        Ok(())
    }

    fn frame(
        &self,
        routine: &Routine<'a>,
        this: Option<usize>,
        arguments: Vec<Value>,
    ) -> Frame<'a> {
        let mut frame = Frame::new(routine.module.clone());
        frame.this = this;
        frame.class = routine.class;
        frame.result = routine.result.clone();
        let defined: &'a Function = routine.defined;
        let typed = routine.parameters.iter().zip(arguments);
        for (parameter, (ty, value)) in defined.parameters.iter().zip(typed) {
            if let Some(name) = &parameter.name {
                frame.locals.push((name.as_str(), ty.clone(), value));
            }
        }
        frame
    }

    fn contracts(
        &mut self,
        kind: ContractKind,
        routine: &Routine<'a>,
        frame: &mut Frame<'a>,
    ) -> Step<()> {
        let elsewhere = !std::ptr::eq(routine.declared, routine.defined);
        let more: &'a [_] = if elsewhere {
            &routine.defined.contracts
        } else {
            &[]
        };
        let declared: &'a [_] = &routine.declared.contracts;
        for contract in declared.iter().chain(more).filter(|one| one.kind == kind) {
            let class = match kind {
                ContractKind::Pre => "precondition_failed",
                ContractKind::Post => "postcondition_failed",
            };
            let owner = match routine.class {
                Some(class) => format!("class {}", self.world.classes[class].name),
                None => format!("function {}", routine.name),
            };
            self.condition(&contract.condition, class, &owner, frame)?;
        }
        Ok(())
    }

    fn condition(
        &mut self,
        condition: &'a Expr,
        class: &str,
        owner: &str,
        frame: &mut Frame<'a>,
    ) -> Step<()> {
        if self.holds(condition, frame)? {
            return Ok(());
        }
        let text = format!("{owner}: {}", self.text(condition.span));
        Err(self.raise(class, &text, condition.span))
    }

    /// What must hold of an object as one of a class.
    fn invariants(&mut self, this: usize, class: usize) -> Step<()> {
        if let Some(base) = self.world.classes[class].base {
            self.invariants(this, base)?;
        }
        let info = &self.world.classes[class];
        let (conditions, module) = (info.invariants.clone(), info.module.clone());
        let owner = format!("class {}", info.name);
        for condition in conditions {
            let mut frame = Frame::new(module.clone());
            frame.this = Some(this);
            frame.class = Some(class);
            self.condition(condition, "invariant_failed", &owner, &mut frame)?;
        }
        Ok(())
    }

    /// The constructor of a class that a creation means; none for the empty one.
    pub(super) fn constructor(
        &self,
        class: usize,
        arguments: &[Expr],
        frame: &Frame<'a>,
    ) -> Step<Option<Routine<'a>>> {
        let all: Vec<&Routine> = self.world.classes[class].constructors.iter().collect();
        if all.is_empty() {
            return Ok(None);
        }
        match self.choose(&all, arguments, frame) {
            Some(routine) => Ok(Some(routine)),
            None => abandon("no constructor fits"),
        }
    }

    /// A new object of a class.
    pub(super) fn create(
        &mut self,
        class: usize,
        constructor: Option<&Routine<'a>>,
        arguments: Vec<Value>,
    ) -> Step<usize> {
        let object = self.allocate(class);
        for index in 0..self.world.classes[class].attributes.len() {
            let attribute = self.world.classes[class].attributes[index].clone();
            if let Some(declared) = attribute.declared {
                let module = self.world.classes[attribute.owner].module.clone();
                let value = self.initial(&attribute.ty, declared, &mut Frame::new(module))?;
                self.set_field(object, index, value)?;
            }
        }
        self.construct(object, class, constructor, arguments)?;
        Ok(object)
    }

    /// Runs the constructor of a class for an object of it or of a class that derives from it.
    fn construct(
        &mut self,
        object: usize,
        class: usize,
        constructor: Option<&Routine<'a>>,
        arguments: Vec<Value>,
    ) -> Step<()> {
        self.descend()?;
        let base = self.world.classes[class].base;
        let Some(constructor) = constructor else {
            // The predefined classes have one with a message.
            if let (true, Some(message)) = (self.world.is_predefined(class), arguments.first()) {
                self.depth -= 1;
                return self.set_field(object, 0, message.clone());
            }
            if let Some(base) = base {
                let empty = self.parameterless(base);
                self.construct(object, base, empty.as_ref(), Vec::new())?;
            }
            self.depth -= 1;
            return self.invariants(object, class);
        };
        let mut frame = self.frame(constructor, Some(object), arguments);
        self.contracts(ContractKind::Pre, constructor, &mut frame)?;
        if let Some(base) = base {
            let mut values = Vec::new();
            let mut chosen = self.parameterless(base);
            if let Some(call) = &constructor.defined.base_call {
                let call: &'a _ = call;
                chosen = self.constructor(base, &call.arguments, &frame)?;
                values = self.values(&call.arguments, &mut frame)?;
                if let Some(chosen) = &chosen {
                    values = self.fit_all(values, chosen)?;
                }
            }
            self.construct(object, base, chosen.as_ref(), values)?;
        }
        if let Some(body) = &constructor.defined.body {
            self.block(body, &mut frame)?;
        }
        self.contracts(ContractKind::Post, constructor, &mut frame)?;
        self.depth -= 1;
        self.invariants(object, class)
    }

    fn parameterless(&self, class: usize) -> Option<Routine<'a>> {
        let mut all = self.world.classes[class].constructors.iter();
        all.find(|one| one.parameters.is_empty()).cloned()
    }

    /// `new C (a) [n]`
    pub(super) fn new_objects(
        &mut self,
        new: &'a New,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        let Some(Ty::Class(class)) = self.world.ty_named(&new.class, &frame.module) else {
            return abandon("a class of the embedding code");
        };
        let constructor = self.constructor(class, &new.arguments, frame)?;
        let mut values = self.values(&new.arguments, frame)?;
        if let Some(constructor) = &constructor {
            values = self.fit_all(values, constructor)?;
        }
        let Some(size) = &new.size else {
            let object = self.create(class, constructor.as_ref(), values)?;
            return Ok(Value::one(Item::Object(object)));
        };
        let length = self.length_of(size, frame, span)?;
        let mut items = Vec::new();
        for _ in 0..length {
            let object = self.create(class, constructor.as_ref(), values.clone())?;
            items.push(Item::Object(object));
        }
        Ok(Value::Reference(items.into()))
    }

    /// How many objects or servers are asked for.
    pub(super) fn length_of(
        &mut self,
        size: &'a Expr,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Result<usize, Stop> {
        let Value::Integer(_, length) = self.eval(size, frame)? else {
            return abandon("a size is no number");
        };
        match usize::try_from(length) {
            Ok(length) if length > 0 => Ok(length),
            _ => Err(self.raise("index_out_of_range", "", span)),
        }
    }
}
