//! Overload resolution: by number and type of arguments, exact before widening, a tie is an error.

use cmsl_parser::{Diagnostic, Span};

use super::Lower;
use super::convert::Fit;
use crate::check::types;
use crate::ir::{CallTarget, Expr, Type};
use crate::planted::{Mutant, is};

impl Lower<'_, '_> {
    /// The candidate that a call means, with the arguments converted to its parameters. If there is one candidate only it
    /// is taken, and what does not fit is reported argument by argument.
    pub fn choose(
        &mut self,
        name: &str,
        candidates: &[CallTarget],
        arguments: Vec<Expr>,
        span: Span,
    ) -> Option<(CallTarget, Vec<Expr>)> {
        let target = match candidates {
            [] => return None,
            [only] => *only,
            several => self.best(name, several, &arguments, span)?,
        };
        let parameters = self.parameter_types(target);
        if parameters.len() != arguments.len() {
            let declared = self.declared_at(target);
            let callee = format!("`{name}`");
            self.report(types::argument_count(
                span,
                &callee,
                parameters.len(),
                arguments.len(),
                Some(declared),
            ));
            return None;
        }
        let arguments = arguments
            .into_iter()
            .zip(parameters)
            .enumerate()
            .map(|(position, (argument, ty))| {
                let note = format!("argument {} of `{name}`", position + 1);
                self.convert(argument, ty, &note)
            })
            .collect();
        Some((target, arguments))
    }

    fn best(
        &mut self,
        name: &str,
        candidates: &[CallTarget],
        arguments: &[Expr],
        span: Span,
    ) -> Option<CallTarget> {
        let mut fitting: Vec<(CallTarget, Vec<Fit>)> = Vec::new();
        for &target in candidates {
            let parameters = self.parameter_types(target);
            if parameters.len() != arguments.len() {
                continue;
            }
            let fits: Option<Vec<Fit>> = arguments
                .iter()
                .zip(&parameters)
                .map(|(argument, &ty)| self.fit(argument, ty))
                .collect();
            if let Some(fits) = fits {
                fitting.push((target, fits));
            }
        }
        let poisoned = arguments.iter().any(|argument| argument.ty == Type::Poison);
        if is(Mutant::OverloadTakesFirst)
            && let Some((target, _)) = fitting.first()
        {
            return Some(*target);
        }
        let best = fitting.iter().find(|(_, fits)| {
            fitting
                .iter()
                .all(|(_, other)| fits.iter().zip(other).all(|(a, b)| a <= b))
        });
        match best {
            // Candidates that fit equally well in each argument are a tie.
            Some((target, fits)) => {
                let twins = fitting.iter().filter(|(_, other)| other == fits).count();
                if twins == 1 {
                    return Some(*target);
                }
            }
            None if fitting.is_empty() => {
                if !poisoned {
                    self.no_overload(name, candidates, arguments, span);
                }
                return None;
            }
            None => {}
        }
        if !poisoned {
            let message = format!("the call fits several functions `{name}` equally well");
            let mut diagnostic = Diagnostic::new(types::OVERLOAD_TIE, span, message)
                .help("cast an argument to say which one is meant");
            for (target, _) in &fitting {
                diagnostic = diagnostic.label(self.declared_at(*target), "this one fits");
            }
            self.report(diagnostic);
        }
        None
    }

    fn no_overload(
        &mut self,
        name: &str,
        candidates: &[CallTarget],
        arguments: &[Expr],
        span: Span,
    ) {
        let list = |lower: &Self, types: &mut dyn Iterator<Item = Type>| {
            types
                .map(|ty| lower.show(ty))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let found = list(self, &mut arguments.iter().map(|argument| argument.ty));
        let message = format!("no `{name}` takes ({found})");
        let mut diagnostic = Diagnostic::new(types::NO_OVERLOAD, span, message);
        for &target in candidates {
            let declared = self.declared_at(target);
            let parameters = list(self, &mut self.parameter_types(target).into_iter());
            if declared != Span::default() {
                diagnostic = diagnostic.label(declared, format!("takes ({parameters})"));
            }
        }
        self.report(diagnostic);
    }

    fn parameter_types(&self, target: CallTarget) -> Vec<Type> {
        let body = self.checker.program.body_of(target);
        body.locals
            .iter()
            .take(body.parameters)
            .map(|local| local.ty)
            .collect()
    }

    fn declared_at(&self, target: CallTarget) -> Span {
        let program = &self.checker.program;
        match target {
            CallTarget::Function(id) => program.function(id).span,
            CallTarget::Method(id) => program.method(id).span,
            CallTarget::Constructor(id) => program.constructor(id).span,
        }
    }
}
