/* A quiz that says at once whether a choice is right, and why.
   In the text it is a list of questions, each with a list of choices, and a folded list of answers
   with a sentence for each choice, which begins with "Right" for one of them. That is also what
   there is without scripts; without answers, as in the edition for students, nothing changes. */
(function () {
  "use strict";
  const items = list => [...(list?.children ?? [])];

  function ask(choices, answers, answered) {
    choices.forEach((choice, i) => {
      const right = answers[i].textContent.trim().startsWith("Right");
      const line = choice.querySelector("p") ?? choice;
      for (const link of line.querySelectorAll("a")) link.replaceWith(...link.childNodes);
      const button = document.createElement("button");
      button.type = "button";
      button.append(...line.childNodes);
      line.append(button);
      const why = document.createElement("div");
      why.setAttribute("role", "status"); // is read aloud when something comes into it
      choice.append(why);
      button.addEventListener("click", () => {
        choice.className = right ? "right" : "wrong";
        why.replaceChildren(...[...answers[i].childNodes].map(node => node.cloneNode(true)));
        answered(right);
      });
    });
  }

  function begin(quiz) {
    const questions = items(quiz.querySelector(":scope > ol"));
    const answers = items(quiz.querySelector("details ol"));
    if (!answers.length) return;
    quiz.classList.add("quiz");
    const first = new Map(); // whether the first choice for each question was right
    const tally = document.createElement("p");
    tally.setAttribute("role", "status");
    quiz.querySelector(":scope > ol").after(tally);
    questions.forEach((question, i) => {
      const [choices, why] = [question, answers[i]].map(part => items(part.querySelector("ol")));
      ask(choices, why, right => {
        if (!first.has(i)) first.set(i, right);
        if (first.size < questions.length) return;
        const count = [...first.values()].filter(Boolean).length;
        tally.textContent = `${count} of ${questions.length} right at the first try.`;
      });
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("section#quiz").forEach(begin);
  });
})();
