module plugins.local/example-chatbot

go 1.25

require jackfield v0.0.0

replace jackfield => ../../jackfield
