module jackfield

go 1.25
