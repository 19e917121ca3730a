//! The fault budget: what the constants in the properties of a `server` expression say about one another.
//!
//! What is not constant is checked when the server is created.

use std::collections::BTreeMap;

use cmsl_parser::{Diagnostic, Span, ast};

use super::{Lower, typed};
use crate::check::servers;
use crate::ir::{
    Builtin, Conversion, Expr, ExprKind, FaultModel, Literal, LocalId, Protocol, ServerCreation,
    Type,
};

/// The most replicas that one server can have: what a group of the protocol holds.
const REPLICAS_MAX: i128 = 63;

/// The constants of a creation.
struct Budget<'c> {
    creation: &'c ServerCreation,
    replicas: Option<i128>,
    tolerance: Option<i128>,
    /// How many servers are made.
    size: Option<i128>,
    span: Span,
}

impl Budget<'_> {
    /// The tolerance, 0 if it is not known.
    fn faults(&self) -> i128 {
        self.tolerance.unwrap_or(0)
    }

    /// How many replicas the tolerance needs, and the formula.
    fn needed(&self) -> (i128, &'static str) {
        let (factor, rule) = match self.creation.model {
            FaultModel::Correct | FaultModel::Crash => (2, "2t + 1"),
            FaultModel::Byzantine => (3, "3t + 1"),
        };
        let needed = self.faults().saturating_mul(factor).saturating_add(1);
        (needed, rule)
    }

    /// How many replicas there will be, if both numbers are constant.
    fn replicas_known(&self) -> Option<u32> {
        let is_known = |property: &Option<Expr>, constant: Option<i128>| {
            property.is_none() || constant.is_some()
        };
        let creation = self.creation;
        let both = is_known(&creation.replicas, self.replicas)
            && is_known(&creation.tolerance, self.tolerance);
        u32::try_from(self.replicas()).ok().filter(|_| both)
    }

    /// How many replicas there will be.
    fn replicas(&self) -> i128 {
        self.needed().0.max(self.replicas.unwrap_or(1))
    }
}

impl<'a> Lower<'_, 'a> {
    /// The hosts of `hosts (…)`, none of which may occur twice.
    pub fn hosts(&mut self, hosts: &'a [ast::Expr], property: &ast::Property) -> Vec<Expr> {
        let list = self.checker.wrap(Type::Host, Type::List);
        let mut lists = Vec::with_capacity(hosts.len());
        let mut known: BTreeMap<String, (String, Span)> = BTreeMap::new();
        for host in hosts {
            let value = self.value(host);
            let span = value.span;
            if let Some(identity) = self.constant_host(&value) {
                let written = self.checker.text(span);
                match known.get(&identity) {
                    Some((first_written, first)) => {
                        let diagnostic =
                            servers::duplicate_host(span, &written, *first, first_written);
                        self.report(diagnostic);
                    }
                    None => {
                        known.insert(identity, (written, span));
                    }
                }
            }
            match value.ty {
                Type::Poison => {}
                Type::Host => {
                    let kind = ExprKind::Convert(Conversion::ListOfOne, Box::new(value));
                    lists.push(typed(kind, list, span));
                }
                ty if ty == list => lists.push(value),
                ty => self.no_host(ty, span, property),
            }
        }
        lists
    }

    fn no_host(&mut self, ty: Type, span: Span, property: &ast::Property) {
        let message = format!("`{}` takes hosts, not `{}`", property.name, self.show(ty));
        let mut diagnostic = Diagnostic::new(servers::PROPERTY_TYPE, span, message);
        if ty == Type::String {
            diagnostic = diagnostic.help("write `host (\"…\")`");
        } else if self.checker.program.types.element(ty) == Some(Type::Host) {
            diagnostic = diagnostic.help("name the hosts, or give a `list<host>`");
        }
        self.report(diagnostic);
    }

    /// What identifies a host that is the same each time it is written.
    fn constant_host(&mut self, value: &Expr) -> Option<String> {
        match &value.kind {
            ExprKind::Builtin(Builtin::HostByName, arguments) => {
                match self.checker.evaluate(arguments.first()?) {
                    Ok(Some(Literal::String(name))) => Some(format!("host {name}")),
                    _ => None,
                }
            }
            ExprKind::Builtin(Builtin::MyHost, _) => Some("my_host".to_owned()),
            ExprKind::Index(list, index) => {
                let list = match &list.kind {
                    ExprKind::Local(id) => format!("local {}", id.0),
                    ExprKind::Builtin(Builtin::Hosts, _) => "hosts".to_owned(),
                    _ => return None,
                };
                match self.checker.evaluate(index) {
                    Ok(Some(Literal::Integer(index))) => Some(format!("{list}[{index}]")),
                    _ => None,
                }
            }
            ExprKind::Local(id) if value.ty == Type::Host => Some(self.host_variable(*id)),
            _ => None,
        }
    }

    /// The host that a variable has had since its declaration, or the variable itself.
    fn host_variable(&self, id: LocalId) -> String {
        let unchanged = self
            .locals
            .get(id.index())
            .is_some_and(|local| !local.is_mutable);
        self.host_variables
            .get(&id)
            .filter(|_| unchanged)
            .map_or_else(|| format!("local {}", id.0), String::clone)
    }

    /// Remembers which host a new variable has.
    pub fn note_host(&mut self, local: LocalId, value: Option<&Expr>) {
        if let Some(value) = value
            && value.ty == Type::Host
            && let Some(host) = self.constant_host(value)
        {
            self.host_variables.insert(local, host);
        }
    }

    /// Proves the constants of a creation against one another; gives the number of replicas if they tell it.
    pub fn fault_budget(
        &mut self,
        creation: &ServerCreation,
        properties: &[ast::Property],
        span: Span,
    ) -> Option<u32> {
        let budget = Budget {
            creation,
            replicas: self.property_constant(creation.replicas.as_ref()),
            tolerance: self.property_constant(creation.tolerance.as_ref()),
            size: match &creation.size {
                None => Some(1),
                size => self.property_constant(size.as_ref()),
            },
            span,
        };
        let possible = self.possible_numbers(&budget);
        let protocol = self.protocol_and_model(&budget, properties);
        if !possible || !protocol {
            return None;
        }
        self.replicas_raised(&budget, properties);
        self.tolerance_of_correct(&budget, properties);
        self.placement(&budget, properties);
        if budget.replicas() > 1 {
            self.checker.replicated.push((creation.class, span));
        }
        budget.replicas_known()
    }

    fn possible_numbers(&mut self, budget: &Budget<'_>) -> bool {
        let creation = budget.creation;
        let at = |expr: &Option<Expr>| expr.as_ref().map_or(budget.span, |expr| expr.span);
        let (place, message) = if budget.replicas.is_some_and(|count| count < 1) {
            (at(&creation.replicas), "a server has at least one replica")
        } else if budget.faults() < 0 {
            (at(&creation.tolerance), "a tolerance is not negative")
        } else {
            return self.possible_group(budget);
        };
        self.report(Diagnostic::new(servers::PROPERTY_RANGE, place, message));
        false
    }

    fn possible_group(&mut self, budget: &Budget<'_>) -> bool {
        let (needed, rule) = budget.needed();
        let wanted = budget.replicas();
        if wanted <= REPLICAS_MAX {
            return true;
        }
        let by_tolerance = needed > REPLICAS_MAX;
        let expr = if by_tolerance {
            &budget.creation.tolerance
        } else {
            &budget.creation.replicas
        };
        let place = expr.as_ref().map_or(budget.span, |expr| expr.span);
        let message = format!("a server cannot have {wanted} replicas");
        let mut diagnostic = Diagnostic::new(servers::TOO_MANY_REPLICAS, place, message)
            .help(format!("a server has at most {REPLICAS_MAX} replicas"));
        if by_tolerance {
            diagnostic = diagnostic.note(format!("needs {rule} = {needed} replicas"));
        }
        self.report(diagnostic);
        false
    }

    fn protocol_and_model(&mut self, budget: &Budget<'_>, properties: &[ast::Property]) -> bool {
        let creation = budget.creation;
        let (Some(Protocol::Executive), FaultModel::Byzantine) =
            (creation.protocol, creation.model)
        else {
            return true;
        };
        let named = |wanted: fn(&ast::PropertyKind) -> bool| place_of(properties, wanted);
        let protocol = named(|kind| matches!(kind, ast::PropertyKind::Protocol(_)));
        let model = named(|kind| matches!(kind, ast::PropertyKind::Model(_)));
        let message = "`protocol executive` does not survive byzantine replicas";
        let place = protocol.unwrap_or(budget.span);
        let diagnostic = Diagnostic::new(servers::PROTOCOL_MODEL, place, message)
            .note("survives replicas that stop")
            .help("leave `protocol` out, or write `model crash`");
        self.report(match model {
            Some(model) => diagnostic.label(model, "these may do anything"),
            None => diagnostic,
        });
        false
    }

    fn tolerance_of_correct(&mut self, budget: &Budget<'_>, properties: &[ast::Property]) {
        let written = place_of(properties, |kind| {
            matches!(kind, ast::PropertyKind::Tolerance(_))
        });
        let correct = matches!(budget.creation.model, FaultModel::Correct);
        if let (Some(place), true, 1..) = (written, correct, budget.faults()) {
            self.report(
                Diagnostic::new(
                    servers::TOLERANCE_OF_CORRECT,
                    place,
                    "`model correct` says that no replica fails",
                )
                .note("to be survived")
                .help("write `model crash` beside it"),
            );
        }
    }

    fn replicas_raised(&mut self, budget: &Budget<'_>, properties: &[ast::Property]) {
        let written = place_of(properties, |kind| {
            matches!(kind, ast::PropertyKind::Replicas(_))
        });
        let (needed, rule) = budget.needed();
        let (Some(count), Some(place)) = (budget.replicas, written) else {
            return;
        };
        if count >= needed {
            return;
        }
        let model = match budget.creation.model {
            FaultModel::Correct => "correct",
            FaultModel::Crash => "crash",
            FaultModel::Byzantine => "byzantine",
        };
        let faults = budget.faults();
        let message = format!("`replicas ({count})` is raised to {needed}");
        self.report(
            Diagnostic::new(servers::REPLICAS_RAISED, place, message).help(format!(
                "`model {model}` needs {rule} replicas for t = {faults}: write `replicas ({needed})`, or leave it out"
            )),
        );
    }

    /// What the named hosts, `disjoint` and `name` have to do with the numbers.
    fn placement(&mut self, budget: &Budget<'_>, properties: &[ast::Property]) {
        let creation = budget.creation;
        let hosts = place_of(properties, |kind| {
            matches!(kind, ast::PropertyKind::Hosts(_))
        });
        let disjoint = place_of(properties, |kind| {
            matches!(kind, ast::PropertyKind::Disjoint)
        });
        let named = place_of(properties, |kind| {
            matches!(kind, ast::PropertyKind::Name(_))
        });
        let single = |host: &Expr| matches!(host.kind, ExprKind::Convert(Conversion::ListOfOne, _));
        let count = i128::try_from(creation.hosts.len()).unwrap_or(i128::MAX);
        let replicas = budget.replicas();
        if let Some(place) = hosts
            && creation.hosts.iter().all(single)
            && (1..replicas).contains(&count)
        {
            let plural = if count == 1 { "" } else { "s" };
            let message = format!("{count} host{plural} named for {replicas} replicas");
            self.report(
                Diagnostic::new(servers::FEW_HOSTS, place, message)
                    .note("each replica runs on a host of its own; the others are chosen freely")
                    .help(format!("name {replicas} hosts, or leave `hosts` out")),
            );
        }
        if let (Some(place), Some(1)) = (disjoint, budget.size) {
            let message = "`disjoint` says nothing about one server";
            self.report(
                Diagnostic::new(servers::DISJOINT_ALONE, place, message)
                    .note("the servers of an array are kept apart")
                    .help("remove it, or create several servers: `server C [n] … disjoint`"),
            );
        }
        if let (Some(place), Some(size)) = (named, budget.size)
            && size > 1
        {
            let message = format!("one name for {size} servers");
            self.report(
                Diagnostic::new(servers::SHARED_NAME, place, message)
                    .help("create them one by one, each with a name of its own"),
            );
        }
    }

    fn property_constant(&mut self, value: Option<&Expr>) -> Option<i128> {
        match self.checker.evaluate(value?) {
            Ok(Some(Literal::Integer(number))) => Some(number),
            _ => None,
        }
    }
}

fn place_of(
    properties: &[ast::Property],
    wanted: impl Fn(&ast::PropertyKind) -> bool,
) -> Option<Span> {
    properties
        .iter()
        .find(|property| wanted(&property.kind))
        .map(|property| property.span)
}
