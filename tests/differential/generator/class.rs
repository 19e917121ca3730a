//! Classes of objects: a root with a tag, classes that derive from it, and two that are related.

use super::scope::Variable;
use super::ty::Ty;
use super::{Generator, Shape, Signature};
use std::rc::Rc;

/// How a pair of classes is related: the types of both sides, by class.
const RELATIONS: [(&str, &str); 4] = [
    ("list<pet>", "owner"),
    ("pet", "owner"),
    ("list<pet>", "list<owner>"),
    ("set<pet>", "set<owner>"),
];

impl Generator {
    pub fn classes(&mut self) {
        self.root();
        for _ in 0..1 + self.random.below(5) / 3 {
            self.derived_class();
        }
        if self.random.percent(40) {
            self.pair();
        }
        self.open("string tag_of (thing x)");
        self.line("if (x == null) return \"-\";");
        self.line("string text = to_string (length (x));");
        self.line("for (thing one : x) text += one == null ? \"-\" : one->show ();");
        self.line("return text;");
        self.close();
    }

    fn field_type(&mut self) -> Ty {
        match self.random.below(8) {
            0 => Ty::List(Rc::new(self.simple())),
            1 => Ty::Boolean,
            2 if !self.classes.is_empty() => self.class_type(),
            3 => Ty::Array(Rc::new(self.simple()), 2),
            _ => self.simple(),
        }
    }

    fn field(&mut self, ty: &Ty) -> String {
        let name = self.fresh("a");
        let word = if matches!(ty, Ty::Class(_)) {
            "relation"
        } else {
            "attribute"
        };
        let declared = self.declared(ty, &name);
        let initial = match ty {
            Ty::Int if self.random.percent(40) => format!(" = {}", self.random.between(0, 9)),
            Ty::Text if self.random.percent(40) => " = \"start\"".to_owned(),
            Ty::Double if self.random.percent(40) => " = 1.0 / 8".to_owned(),
            _ => String::new(),
        };
        self.line(&format!("{word} {declared}{initial};"));
        name
    }

    fn fields(&mut self, count: usize, fields: &mut Vec<(String, Ty)>) {
        for _ in 0..count {
            let ty = self.field_type();
            let name = self.field(&ty);
            fields.push((name, ty));
        }
    }

    /// Makes attributes of `this` visible.
    pub fn enter(&mut self, fields: &[(String, Ty)]) {
        for (name, ty) in fields {
            self.scope.push(Variable {
                name: name.clone(),
                ty: ty.clone(),
                is_field: true,
                is_constant: false,
            });
        }
    }

    fn root(&mut self) {
        self.open("class thing");
        self.line("public:");
        let mut fields = vec![("tag".to_owned(), Ty::Int)];
        self.line("attribute int tag;");
        let count = 1 + self.random.below(3);
        self.fields(count, &mut fields);
        self.line("thing () { tag = 7; }");
        self.line("thing (int tag) { this->tag = tag; }");
        let shape = Shape {
            name: "thing".to_owned(),
            base: None,
            fields,
            constructors: vec![vec![], vec![Ty::Int]],
            methods: Vec::new(),
        };
        self.members(shape);
    }

    fn derived_class(&mut self) {
        let base = self.random.below(self.classes.len());
        let shape = self.classes[base].clone();
        let name = self.fresh("kind");
        self.open(&format!("class {name} : public {}", shape.name));
        self.line("public:");
        let mut fields = shape.fields.clone();
        let own = self.random.below(3);
        self.fields(own, &mut fields);
        let mut constructors = Vec::new();
        let is_free = shape.constructors.iter().any(Vec::is_empty);
        if is_free && self.random.percent(40) {
            self.line(&format!("{name} () {{ }}"));
            constructors.push(vec![]);
        }
        let extra = self.simple();
        let declared = self.declared(&extra, "q");
        let taken = shape
            .constructors
            .iter()
            .find(|one| one.first() == Some(&Ty::Int));
        let rest: String = match taken {
            Some(one) => one
                .iter()
                .skip(1)
                .map(|ty| format!(", {}", self.leaf(ty)))
                .collect(),
            None => String::new(),
        };
        self.line(&format!(
            "{name} (int t, {declared}) : {} (t{rest}) {{ tag += 1; }}",
            shape.name
        ));
        constructors.push(vec![Ty::Int, extra]);
        self.members(Shape {
            name,
            base: Some(base),
            fields,
            constructors,
            methods: shape.methods,
        });
    }

    /// The methods of a class, and its end.
    fn members(&mut self, mut shape: Shape) {
        let inherited = std::mem::take(&mut shape.methods);
        let is_root = shape.base.is_none();
        let outer = self.scope.len();
        self.enter(&shape.fields);
        self.classes.push(shape.clone());
        let class = self.classes.len() - 1;
        let limit = self.limit;
        let count = if is_root {
            2
        } else {
            inherited.len() + self.random.below(2)
        };
        for index in 0..count {
            let known = inherited.get(index).cloned();
            let overrides = known.is_none() || self.random.percent(45);
            let signature = known
                .clone()
                .unwrap_or_else(|| self.signature(&format!("m{index}")));
            if overrides {
                self.limit = index;
                self.own = self.classes[class].methods.clone();
                self.method(&signature, known.is_some().then_some(class));
            }
            self.classes[class].methods.push(signature);
        }
        self.limit = limit;
        self.own = Vec::new();
        self.scope.truncate(outer);
        self.show_method(&shape, is_root);
        if self.random.percent(20) {
            self.line("invariant (tag != 11);");
        }
        self.close();
    }

    fn signature(&mut self, name: &str) -> Signature {
        let count = self.random.below(3);
        Signature {
            name: name.to_owned(),
            parameters: (0..count).map(|_| self.passed()).collect(),
            result: if self.random.percent(20) {
                Ty::Void
            } else {
                self.passed()
            },
            pure: false,
        }
    }

    fn method(&mut self, signature: &Signature, overriding: Option<usize>) {
        let (head, names) = self.head(signature);
        let outer = self.scope.len();
        for (name, ty) in names.iter().zip(&signature.parameters) {
            self.declare(name, ty);
        }
        let contracts = self.contract("pre") + &self.contract("post");
        self.scope.truncate(outer);
        self.open(&format!("{head}{contracts}"));
        if let Some(class) = overriding
            && self.random.percent(50)
            && let Some(base) = self.classes[class].base
        {
            let base = self.classes[base].name.clone();
            let call = format!("{base}::{} ({})", signature.name, names.join(", "));
            self.line(&format!("{call};"));
        }
        // A method that changes nothing is `const` by itself, and then checks no invariant.
        self.line("tag = tag;");
        let size = 1 + self.random.below(2);
        self.routine(signature, &names, size);
    }

    /// `show`, which writes the simple attributes of the class and its bases.
    fn show_method(&mut self, shape: &Shape, is_root: bool) {
        let inherited = match shape.base {
            Some(base) => self.classes[base].fields.len(),
            None => 0,
        };
        let mut values = Vec::new();
        if let (Some(base), false) = (shape.base, is_root) {
            values.push(format!("{}::show ()", self.classes[base].name));
        }
        for (name, ty) in shape.fields.iter().skip(inherited) {
            values.push(match ty {
                Ty::Class(_) => format!("({name} == null ? 0 : {name}->tag)"),
                Ty::List(of) | Ty::Set(of) if matches!(**of, Ty::Class(_)) => {
                    format!("length ({name})")
                }
                _ => self.show(name, ty),
            });
        }
        let holes = vec!["{}"; values.len()].join(" ");
        let template = format!("{}<{holes}>", shape.name);
        self.line(&format!(
            "string show () const {{ return format (\"{template}\", {}); }}",
            values.join(", ")
        ));
    }

    /// Two classes with a relation that the compiler keeps.
    fn pair(&mut self) {
        let (pets, owners) = *self.random.of(&RELATIONS);
        let first = self.classes.len();
        let side = |text: &str, class: usize| match text.split('<').next() {
            Some("list") => Ty::List(Rc::new(Ty::Class(class))),
            Some("set") => Ty::Set(Rc::new(Ty::Class(class))),
            _ => Ty::Class(class),
        };
        let both = [
            ("owner", "pets", pets, "pet::owners", side(pets, first + 1)),
            ("pet", "owners", owners, "owner::pets", side(owners, first)),
        ];
        for (name, field, written, inverse, ty) in both {
            let mut fields = self.classes[0].fields.clone();
            fields.push((field.to_owned(), ty.clone()));
            self.classes.push(Shape {
                name: name.to_owned(),
                base: Some(0),
                fields,
                constructors: vec![vec![Ty::Int]],
                methods: self.classes[0].methods.clone(),
            });
            self.open(&format!("class {name} : public thing"));
            self.line("public:");
            self.line(&format!("relation {written} {field} inverse {inverse};"));
            self.line(&format!("{name} (int t) : thing (t) {{ }}"));
            self.open("string show () const");
            self.line("string text = format (\"{}:\", tag);");
            match &ty {
                Ty::Class(_) => {
                    self.line(&format!(
                        "if ({field} != null) text += to_string ({field}->tag);"
                    ));
                }
                Ty::List(of) | Ty::Set(of) => {
                    let of = self.name_of_future(of, first);
                    self.line(&format!(
                        "for ({of} one : {field}) text += one == null ? \"-\" : format (\"{{}} \", one->tag);"
                    ));
                }
                _ => {}
            }
            self.line("return text;");
            self.close();
            self.close();
        }
    }

    /// The name of one of the pair, which may not be there yet.
    fn name_of_future(&self, of: &Ty, first: usize) -> &'static str {
        match of {
            Ty::Class(id) if *id == first => "owner",
            _ => "pet",
        }
    }
}
