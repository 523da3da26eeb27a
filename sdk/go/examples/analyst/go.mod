module plugins.local/example-analyst

go 1.25

require jackfield v0.0.0

replace jackfield => ../../jackfield
