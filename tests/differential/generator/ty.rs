//! The types that programs are made of.

use super::Generator;
use std::rc::Rc;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    Void,
    Boolean,
    Char,
    Octet,
    Short,
    Int,
    Long,
    UnsignedShort,
    UnsignedInt,
    UnsignedLong,
    Float,
    Double,
    Text,
    Error,
    Enum(usize),
    Class(usize),
    List(Rc<Ty>),
    Set(Rc<Ty>),
    Bag(Rc<Ty>),
    Map(Rc<Ty>, Rc<Ty>),
    /// A variable of so many elements.
    Array(Rc<Ty>, usize),
}

pub const INTEGERS: [Ty; 7] = [
    Ty::Int,
    Ty::Long,
    Ty::Octet,
    Ty::Short,
    Ty::UnsignedShort,
    Ty::UnsignedInt,
    Ty::UnsignedLong,
];

impl Ty {
    pub fn is_integer(&self) -> bool {
        INTEGERS.contains(self)
    }

    pub fn is_number(&self) -> bool {
        self.is_integer() || matches!(self, Ty::Float | Ty::Double)
    }

    /// Whether it can be printed and compared with `<`.
    pub fn is_simple(&self) -> bool {
        self.is_number() || matches!(self, Ty::Char | Ty::Text | Ty::Enum(_))
    }

    /// The types whose numbers may stand where one of this type is needed, so that no two of them meet in a type that may
    /// not.
    pub fn narrower(&self) -> &'static [Ty] {
        match self {
            Ty::Int => &[Ty::Octet, Ty::Short, Ty::UnsignedShort],
            Ty::Long => &[Ty::Int, Ty::UnsignedInt, Ty::Octet, Ty::Short],
            Ty::UnsignedInt => &[Ty::UnsignedShort, Ty::Octet],
            Ty::UnsignedLong => &[Ty::UnsignedInt, Ty::UnsignedShort, Ty::Octet],
            Ty::Short | Ty::UnsignedShort | Ty::Float => &[Ty::Octet],
            Ty::Double => &[Ty::Int, Ty::Float, Ty::Short],
            _ => &[],
        }
    }

    /// The least and greatest value.
    pub fn range(&self) -> (i128, i128) {
        match self {
            Ty::Octet => (0, 255),
            Ty::Short => (-32_768, 32_767),
            Ty::UnsignedShort => (0, 65_535),
            Ty::Long => (i64::MIN.into(), i64::MAX.into()),
            Ty::UnsignedInt => (0, u32::MAX.into()),
            Ty::UnsignedLong => (0, u64::MAX.into()),
            _ => (i32::MIN.into(), i32::MAX.into()),
        }
    }
}

impl Generator {
    /// The type as it is written, without the size of an array.
    pub fn name_of(&self, ty: &Ty) -> String {
        match ty {
            Ty::Void => "void".to_owned(),
            Ty::Boolean => "boolean".to_owned(),
            Ty::Char => "char".to_owned(),
            Ty::Octet => "octet".to_owned(),
            Ty::Short => "short".to_owned(),
            Ty::Int => "int".to_owned(),
            Ty::Long => "long".to_owned(),
            Ty::UnsignedShort => "unsigned short".to_owned(),
            Ty::UnsignedInt => "unsigned int".to_owned(),
            Ty::UnsignedLong => "unsigned long".to_owned(),
            Ty::Float => "float".to_owned(),
            Ty::Double => "double".to_owned(),
            Ty::Text => "string".to_owned(),
            Ty::Error => "error".to_owned(),
            Ty::Enum(id) => self.enums[*id].0.clone(),
            Ty::Class(id) => self.classes[*id].name.clone(),
            Ty::List(of) => format!("list<{}>", self.name_of(of)),
            Ty::Set(of) => format!("set<{}>", self.name_of(of)),
            Ty::Bag(of) => format!("bag<{}>", self.name_of(of)),
            Ty::Map(key, of) => format!("map<{}, {}>", self.name_of(key), self.name_of(of)),
            Ty::Array(of, _) => self.name_of(of),
        }
    }

    /// A variable of the type as it is declared.
    pub fn declared(&self, ty: &Ty, name: &str) -> String {
        match ty {
            Ty::Array(of, size) => format!("{} {name}[{size}]", self.name_of(of)),
            _ => format!("{} {name}", self.name_of(ty)),
        }
    }

    /// A type without parts.
    pub fn simple(&mut self) -> Ty {
        match self.random.below(20) {
            0..5 => Ty::Int,
            5..7 => Ty::Long,
            7..11 => self.random.of(&INTEGERS).clone(),
            11 => Ty::Float,
            12..14 => Ty::Double,
            14..17 => Ty::Text,
            17 => Ty::Char,
            _ => Ty::Enum(self.random.below(self.enums.len())),
        }
    }

    /// A type of elements of sets and keys of maps.
    fn key(&mut self) -> Ty {
        match self.random.below(8) {
            0..3 => Ty::Int,
            3..5 => Ty::Text,
            5 => Ty::Char,
            6 => Ty::Enum(self.random.below(self.enums.len())),
            _ => self.random.of(&INTEGERS).clone(),
        }
    }

    /// Any type of values or references.
    pub fn any(&mut self) -> Ty {
        match self.random.below(20) {
            0..9 => self.simple(),
            9 => Ty::Boolean,
            10 => Ty::Error,
            11..14 if !self.classes.is_empty() => self.class_type(),
            11..15 => Ty::List(Rc::new(self.element())),
            15 => Ty::Set(Rc::new(self.key())),
            16 => Ty::Bag(Rc::new(self.element())),
            17..19 => {
                let key = self.key();
                Ty::Map(Rc::new(key), Rc::new(self.element()))
            }
            _ => Ty::Array(Rc::new(self.simple()), 2 + self.random.below(3)),
        }
    }

    /// A type of what is passed and returned.
    pub fn passed(&mut self) -> Ty {
        match self.any() {
            Ty::Array(..) => Ty::Int,
            ty => ty,
        }
    }

    fn element(&mut self) -> Ty {
        match self.random.below(10) {
            0..7 => self.simple(),
            7 if !self.classes.is_empty() => self.class_type(),
            7 | 8 => Ty::List(Rc::new(Ty::Int)),
            _ => Ty::Boolean,
        }
    }

    /// A class that is no exception.
    pub fn class_type(&mut self) -> Ty {
        Ty::Class(self.random.below(self.classes.len()))
    }
}
