"""The measuring floor: question bank, quizzes, attempts, grading. It does not know what a quiz is used for."""
